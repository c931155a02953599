-- The peers' tables: what the contract needs for reading and creating a task, and nothing of ours that they don't use.
CREATE TABLE workspace (gid INTEGER PRIMARY KEY, name TEXT NOT NULL, is_organization BOOLEAN NOT NULL);
CREATE TABLE user (gid INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE token (gid INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES user, digest TEXT NOT NULL UNIQUE);
CREATE TABLE workspace_membership (
  gid INTEGER PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES user,
  workspace INTEGER NOT NULL REFERENCES workspace,
  is_guest BOOLEAN NOT NULL,
  UNIQUE (user, workspace)
);
CREATE TABLE user_task_list (
  gid INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL REFERENCES user,
  workspace INTEGER NOT NULL REFERENCES workspace,
  UNIQUE (owner, workspace)
);
CREATE TABLE project (
  gid INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  owner INTEGER REFERENCES user,
  privacy_setting TEXT NOT NULL,
  workspace INTEGER NOT NULL REFERENCES workspace
);
CREATE TABLE project_members (
  owner INTEGER NOT NULL REFERENCES project,
  target INTEGER NOT NULL REFERENCES user,
  position INTEGER NOT NULL,
  PRIMARY KEY (owner, target)
);
CREATE TABLE section (
  gid INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  project INTEGER REFERENCES project,
  user_task_list INTEGER REFERENCES user_task_list,
  rank TEXT NOT NULL
);
CREATE INDEX section_list ON section (user_task_list, rank);
CREATE TABLE tag (gid INTEGER PRIMARY KEY, name TEXT NOT NULL, workspace INTEGER NOT NULL REFERENCES workspace);
CREATE TABLE task (
  gid INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  resource_subtype TEXT NOT NULL,
  created_by INTEGER REFERENCES user,
  assignee INTEGER REFERENCES user,
  assignee_section INTEGER REFERENCES section,
  assignee_status TEXT NOT NULL,
  assigned_by INTEGER REFERENCES user,
  completed BOOLEAN NOT NULL,
  completed_at INTEGER,
  completed_by INTEGER REFERENCES user,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  due_on TEXT,
  due_at INTEGER,
  start_on TEXT,
  start_at INTEGER,
  notes TEXT NOT NULL,
  html_notes TEXT NOT NULL,
  parent INTEGER REFERENCES task,
  workspace INTEGER NOT NULL REFERENCES workspace,
  assignee_rank TEXT NOT NULL
);
CREATE INDEX task_assignee ON task (assignee, workspace);
CREATE INDEX task_created_by ON task (created_by);
CREATE INDEX task_workspace ON task (workspace);
CREATE INDEX task_section ON task (assignee_section, assignee_rank);
CREATE INDEX task_parent ON task (parent) WHERE parent IS NOT NULL;
CREATE TABLE membership (
  gid INTEGER PRIMARY KEY,
  task INTEGER NOT NULL REFERENCES task,
  project INTEGER NOT NULL REFERENCES project,
  section INTEGER NOT NULL REFERENCES section,
  rank TEXT NOT NULL,
  UNIQUE (task, project)
);
CREATE INDEX membership_project ON membership (project);
CREATE INDEX membership_section ON membership (section, rank);
CREATE TABLE task_followers (
  owner INTEGER NOT NULL REFERENCES task,
  target INTEGER NOT NULL REFERENCES user,
  position INTEGER NOT NULL,
  PRIMARY KEY (owner, target)
);
CREATE INDEX task_followers_target ON task_followers (target);
CREATE TABLE task_tags (
  owner INTEGER NOT NULL REFERENCES task,
  target INTEGER NOT NULL REFERENCES tag,
  position INTEGER NOT NULL,
  PRIMARY KEY (owner, target)
);
CREATE INDEX task_tags_target ON task_tags (target);
CREATE TABLE task_like (
  gid INTEGER PRIMARY KEY,
  task INTEGER NOT NULL REFERENCES task,
  user INTEGER NOT NULL REFERENCES user,
  UNIQUE (task, user)
);
CREATE INDEX task_like_user ON task_like (user);
CREATE TABLE story (
  gid INTEGER PRIMARY KEY,
  created_at INTEGER NOT NULL,
  created_by INTEGER REFERENCES user,
  resource_subtype TEXT NOT NULL,
  type TEXT NOT NULL,
  text TEXT NOT NULL,
  html_text TEXT NOT NULL,
  assignee INTEGER REFERENCES user,
  project INTEGER REFERENCES project,
  tag INTEGER REFERENCES tag,
  target INTEGER NOT NULL REFERENCES task
);
CREATE INDEX story_target ON story (target);
CREATE INDEX story_created_by ON story (created_by);
CREATE INDEX story_assignee ON story (assignee) WHERE assignee IS NOT NULL;
CREATE INDEX story_project ON story (project) WHERE project IS NOT NULL;
CREATE INDEX story_tag ON story (tag) WHERE tag IS NOT NULL;
CREATE TABLE event (
  gid INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  user INTEGER REFERENCES user,
  created_at INTEGER NOT NULL,
  type TEXT NOT NULL,
  action TEXT NOT NULL,
  resource TEXT NOT NULL,
  parent TEXT,
  change TEXT
);
CREATE INDEX event_scope ON event (scope, gid);
CREATE INDEX event_user ON event (user) WHERE user IS NOT NULL;
