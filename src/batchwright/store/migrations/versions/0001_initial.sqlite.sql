CREATE TABLE app (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    confidential BOOLEAN NOT NULL,
    secret_digest TEXT NOT NULL,
    redirect_uris TEXT,
    scopes TEXT NOT NULL,
    created_at INTEGER,
    PRIMARY KEY (gid)
)

CREATE TABLE authorization_code (
    gid INTEGER NOT NULL,
    grant INTEGER NOT NULL,
    digest TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT,
    expires_at INTEGER,
    PRIMARY KEY (gid),
    CONSTRAINT uq_authorization_code_digest UNIQUE (digest),
    FOREIGN KEY(grant) REFERENCES grant (gid) ON DELETE CASCADE
)

CREATE INDEX ix_authorization_code_grant ON authorization_code (grant)

CREATE TABLE batch_action (
    gid INTEGER NOT NULL,
    job INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    action TEXT NOT NULL,
    status_code INTEGER,
    headers TEXT,
    body TEXT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_batch_action_job_index UNIQUE (job, "index"),
    FOREIGN KEY(job) REFERENCES batch_job (gid) ON DELETE CASCADE
)

CREATE TABLE batch_job (
    gid INTEGER NOT NULL,
    status TEXT NOT NULL,
    actions INTEGER NOT NULL,
    done INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    created_at INTEGER,
    ended_at INTEGER,
    created_by INTEGER NOT NULL,
    holder INTEGER,
    asked TEXT NOT NULL,
    base TEXT NOT NULL,
    worker INTEGER,
    claimed_until INTEGER,
    PRIMARY KEY (gid),
    FOREIGN KEY(created_by) REFERENCES user (gid) ON DELETE CASCADE
)

CREATE INDEX ix_batch_job_created_by ON batch_job (created_by)

CREATE INDEX ix_batch_job_status_gid ON batch_job (status, gid)

CREATE TABLE edition (
    gid INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE event (
    gid INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    told TEXT NOT NULL,
    user INTEGER,
    created_at INTEGER,
    PRIMARY KEY (gid)
)

CREATE INDEX ix_event_stream_gid ON event (stream, gid)

CREATE TABLE favorite (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    target INTEGER NOT NULL,
    rank TEXT NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_favorite_user_target UNIQUE (user, target),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE,
    FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE
)

CREATE INDEX ix_favorite_user_workspace_rank ON favorite (user, workspace, rank)

CREATE INDEX ix_favorite_workspace ON favorite (workspace)

CREATE TABLE grant (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    app INTEGER NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER,
    redeemed_at INTEGER,
    PRIMARY KEY (gid),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE,
    FOREIGN KEY(app) REFERENCES app (gid) ON DELETE CASCADE
)

CREATE INDEX ix_grant_app ON grant (app)

CREATE INDEX ix_grant_user_app ON grant (user, app)

CREATE TABLE job (
    gid INTEGER NOT NULL,
    resource_subtype TEXT NOT NULL,
    status TEXT NOT NULL,
    new_project INTEGER,
    new_task INTEGER,
    created_by INTEGER NOT NULL,
    created_at INTEGER,
    PRIMARY KEY (gid),
    FOREIGN KEY(created_by) REFERENCES user (gid) ON DELETE CASCADE
)

CREATE INDEX ix_job_created_by ON job (created_by)

CREATE TABLE membership (
    gid INTEGER NOT NULL,
    task INTEGER NOT NULL,
    project INTEGER NOT NULL,
    section INTEGER NOT NULL,
    rank TEXT NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_membership_task_project UNIQUE (task, project),
    FOREIGN KEY(task) REFERENCES task (gid) ON DELETE CASCADE,
    FOREIGN KEY(project) REFERENCES project (gid) ON DELETE CASCADE,
    FOREIGN KEY(section) REFERENCES section (gid) ON DELETE CASCADE
)

CREATE INDEX ix_membership_project ON membership (project)

CREATE INDEX ix_membership_section_rank ON membership (section, rank)

CREATE TABLE meta (
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY ("key")
)

CREATE TABLE password (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    hash TEXT NOT NULL,
    created_at INTEGER,
    PRIMARY KEY (gid),
    CONSTRAINT uq_password_user UNIQUE (user),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE
)

CREATE TABLE project (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    archived BOOLEAN NOT NULL,
    color TEXT,
    icon TEXT,
    created_at INTEGER,
    default_view TEXT NOT NULL,
    due_on TEXT,
    html_notes TEXT NOT NULL,
    modified_at INTEGER,
    notes TEXT NOT NULL,
    privacy_setting TEXT NOT NULL,
    start_on TEXT,
    default_access_level TEXT NOT NULL,
    minimum_access_level_for_customization TEXT NOT NULL,
    minimum_access_level_for_sharing TEXT NOT NULL,
    completed BOOLEAN NOT NULL,
    completed_at INTEGER,
    completed_by INTEGER,
    owner INTEGER,
    team INTEGER,
    workspace INTEGER NOT NULL,
    PRIMARY KEY (gid),
    FOREIGN KEY(owner) REFERENCES user (gid) ON DELETE SET NULL,
    FOREIGN KEY(team) REFERENCES team (gid) ON DELETE SET NULL,
    FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE
)

CREATE INDEX ix_project_owner ON project (owner) WHERE owner IS NOT NULL

CREATE INDEX ix_project_team ON project (team) WHERE team IS NOT NULL

CREATE INDEX ix_project_workspace_created_at ON project (workspace, created_at)

CREATE INDEX ix_project_workspace_gid ON project (workspace, gid)

CREATE INDEX ix_project_workspace_modified_at ON project (workspace, modified_at)

CREATE TABLE project_admins (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES user (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_project_admins_target ON project_admins (target)

CREATE TABLE project_commenters (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES user (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_project_commenters_target ON project_commenters (target)

CREATE TABLE project_followers (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES user (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_project_followers_target ON project_followers (target)

CREATE TABLE project_members (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES user (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_project_members_target ON project_members (target)

CREATE TABLE project_viewers (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES user (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_project_viewers_target ON project_viewers (target)

CREATE TABLE receipt (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    digest TEXT NOT NULL,
    request TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reply TEXT NOT NULL,
    created_at INTEGER,
    PRIMARY KEY (gid),
    CONSTRAINT uq_receipt_digest UNIQUE (digest),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE
)

CREATE INDEX ix_receipt_user ON receipt (user)

CREATE TABLE refresh_token (
    gid INTEGER NOT NULL,
    grant INTEGER NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER,
    PRIMARY KEY (gid),
    CONSTRAINT uq_refresh_token_digest UNIQUE (digest),
    FOREIGN KEY(grant) REFERENCES grant (gid) ON DELETE CASCADE
)

CREATE INDEX ix_refresh_token_grant ON refresh_token (grant)

CREATE TABLE section (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER,
    project INTEGER,
    user_task_list INTEGER,
    rank TEXT NOT NULL,
    PRIMARY KEY (gid),
    FOREIGN KEY(project) REFERENCES project (gid) ON DELETE CASCADE,
    FOREIGN KEY(user_task_list) REFERENCES user_task_list (gid) ON DELETE CASCADE
)

CREATE INDEX ix_section_project_rank ON section (project, rank) WHERE project IS NOT NULL

CREATE INDEX ix_section_user_task_list ON section (user_task_list) WHERE user_task_list IS NOT NULL

CREATE TABLE session (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER,
    expires_at INTEGER,
    PRIMARY KEY (gid),
    CONSTRAINT uq_session_digest UNIQUE (digest),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE
)

CREATE INDEX ix_session_user ON session (user)

CREATE TABLE signing_key (
    gid INTEGER NOT NULL,
    algorithm TEXT NOT NULL,
    private TEXT,
    created_at INTEGER,
    PRIMARY KEY (gid),
    CONSTRAINT uq_signing_key_algorithm UNIQUE (algorithm)
)

CREATE TABLE story (
    gid INTEGER NOT NULL,
    created_at INTEGER,
    created_by INTEGER,
    resource_subtype TEXT NOT NULL,
    text TEXT NOT NULL,
    type TEXT NOT NULL,
    html_text TEXT NOT NULL,
    is_pinned BOOLEAN NOT NULL,
    sticker_name TEXT,
    is_edited BOOLEAN NOT NULL,
    old_name TEXT,
    new_name TEXT,
    old_dates TEXT,
    new_dates TEXT,
    old_resource_subtype TEXT,
    new_resource_subtype TEXT,
    story INTEGER,
    assignee INTEGER,
    follower INTEGER,
    old_section INTEGER,
    new_section INTEGER,
    task INTEGER,
    project INTEGER,
    tag INTEGER,
    old_text_value TEXT,
    new_text_value TEXT,
    old_approval_status TEXT,
    new_approval_status TEXT,
    duplicate_of INTEGER,
    duplicated_from INTEGER,
    dependency INTEGER,
    target INTEGER NOT NULL,
    PRIMARY KEY (gid),
    FOREIGN KEY(created_by) REFERENCES user (gid) ON DELETE SET NULL,
    FOREIGN KEY(duplicated_from) REFERENCES task (gid) ON DELETE SET NULL,
    FOREIGN KEY(target) REFERENCES task (gid) ON DELETE CASCADE
)

CREATE INDEX ix_story_created_by ON story (created_by) WHERE created_by IS NOT NULL

CREATE INDEX ix_story_duplicated_from ON story (duplicated_from) WHERE duplicated_from IS NOT NULL

CREATE INDEX ix_story_target_gid ON story (target, gid)

CREATE TABLE story_like (
    gid INTEGER NOT NULL,
    story INTEGER NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_story_like_story_user UNIQUE (story, user),
    FOREIGN KEY(story) REFERENCES story (gid) ON DELETE CASCADE,
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE
)

CREATE INDEX ix_story_like_user ON story_like (user)

CREATE TABLE tag (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    color TEXT,
    notes TEXT NOT NULL,
    created_at INTEGER,
    workspace INTEGER NOT NULL,
    PRIMARY KEY (gid),
    FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE
)

CREATE INDEX ix_tag_workspace_gid ON tag (workspace, gid)

CREATE TABLE tag_followers (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES tag (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES user (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_tag_followers_target ON tag_followers (target)

CREATE TABLE task (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    resource_subtype TEXT NOT NULL,
    created_by INTEGER,
    approval_status TEXT,
    assignee INTEGER,
    assignee_section INTEGER,
    assignee_status TEXT NOT NULL,
    assigned_by INTEGER,
    completed BOOLEAN NOT NULL,
    completed_at INTEGER,
    completed_by INTEGER,
    created_at INTEGER,
    modified_at INTEGER,
    due_on TEXT,
    due_at INTEGER,
    start_on TEXT,
    start_at INTEGER,
    notes TEXT NOT NULL,
    html_notes TEXT NOT NULL,
    parent INTEGER,
    workspace INTEGER NOT NULL,
    subtask_rank TEXT NOT NULL,
    assignee_rank TEXT NOT NULL,
    external_gid TEXT,
    external_data TEXT,
    external_key TEXT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_task_external_key UNIQUE (external_key),
    FOREIGN KEY(created_by) REFERENCES user (gid) ON DELETE SET NULL,
    FOREIGN KEY(assignee) REFERENCES user (gid) ON DELETE SET NULL,
    FOREIGN KEY(assignee_section) REFERENCES section (gid) ON DELETE SET NULL,
    FOREIGN KEY(assigned_by) REFERENCES user (gid) ON DELETE SET NULL,
    FOREIGN KEY(parent) REFERENCES task (gid) ON DELETE SET NULL,
    FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE
)

CREATE INDEX ix_task_assigned_by ON task (assigned_by) WHERE assigned_by IS NOT NULL

CREATE INDEX ix_task_assignee_section_assignee_rank ON task (assignee_section, assignee_rank) WHERE assignee_section IS NOT NULL

CREATE INDEX ix_task_assignee_workspace ON task (assignee, workspace) WHERE assignee IS NOT NULL

CREATE INDEX ix_task_created_by ON task (created_by) WHERE created_by IS NOT NULL

CREATE INDEX ix_task_parent_subtask_rank ON task (parent, subtask_rank) WHERE parent IS NOT NULL

CREATE INDEX ix_task_workspace_created_at ON task (workspace, created_at)

CREATE INDEX ix_task_workspace_modified_at ON task (workspace, modified_at)

CREATE TABLE task_dependencies (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES task (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES task (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_task_dependencies_target ON task_dependencies (target)

CREATE TABLE task_followers (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES task (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES user (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_task_followers_target ON task_followers (target)

CREATE TABLE task_like (
    gid INTEGER NOT NULL,
    task INTEGER NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_task_like_task_user UNIQUE (task, user),
    FOREIGN KEY(task) REFERENCES task (gid) ON DELETE CASCADE,
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE
)

CREATE INDEX ix_task_like_user ON task_like (user)

CREATE TABLE task_tags (
    owner INTEGER NOT NULL,
    target INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, target),
    FOREIGN KEY(owner) REFERENCES task (gid) ON DELETE CASCADE,
    FOREIGN KEY(target) REFERENCES tag (gid) ON DELETE CASCADE
)
 WITHOUT ROWID

CREATE INDEX ix_task_tags_target ON task_tags (target)

CREATE TABLE team (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    html_description TEXT NOT NULL,
    organization INTEGER NOT NULL,
    visibility TEXT NOT NULL,
    edit_team_name_or_description_access_level TEXT NOT NULL,
    edit_team_visibility_or_trash_team_access_level TEXT NOT NULL,
    member_invite_management_access_level TEXT NOT NULL,
    guest_invite_management_access_level TEXT NOT NULL,
    join_request_management_access_level TEXT NOT NULL,
    team_member_removal_access_level TEXT NOT NULL,
    team_content_management_access_level TEXT NOT NULL,
    endorsed BOOLEAN NOT NULL,
    PRIMARY KEY (gid),
    FOREIGN KEY(organization) REFERENCES workspace (gid) ON DELETE CASCADE
)

CREATE INDEX ix_team_organization_gid ON team (organization, gid)

CREATE TABLE team_membership (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    team INTEGER NOT NULL,
    is_guest BOOLEAN NOT NULL,
    is_limited_access BOOLEAN NOT NULL,
    is_admin BOOLEAN NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_team_membership_team_user UNIQUE (team, user),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE,
    FOREIGN KEY(team) REFERENCES team (gid) ON DELETE CASCADE
)

CREATE INDEX ix_team_membership_team_gid ON team_membership (team, gid)

CREATE INDEX ix_team_membership_user ON team_membership (user)

CREATE TABLE token (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER,
    expires_at INTEGER,
    used_at INTEGER,
    grant INTEGER,
    app INTEGER,
    scopes TEXT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_token_digest UNIQUE (digest),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE,
    FOREIGN KEY(grant) REFERENCES grant (gid) ON DELETE CASCADE,
    FOREIGN KEY(app) REFERENCES app (gid) ON DELETE CASCADE
)

CREATE INDEX ix_token_app ON token (app) WHERE app IS NOT NULL

CREATE INDEX ix_token_grant ON token (grant) WHERE grant IS NOT NULL

CREATE INDEX ix_token_user ON token (user)

CREATE TABLE user (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    photo TEXT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_user_email UNIQUE (email)
)

CREATE TABLE user_task_list (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    owner INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_user_task_list_owner_workspace UNIQUE (owner, workspace),
    FOREIGN KEY(owner) REFERENCES user (gid) ON DELETE CASCADE,
    FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE
)

CREATE INDEX ix_user_task_list_workspace ON user_task_list (workspace)

CREATE TABLE workspace (
    gid INTEGER NOT NULL,
    name TEXT NOT NULL,
    email_domains TEXT NOT NULL,
    is_organization BOOLEAN NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE workspace_membership (
    gid INTEGER NOT NULL,
    user INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    user_task_list INTEGER,
    is_active BOOLEAN NOT NULL,
    is_admin BOOLEAN NOT NULL,
    is_guest BOOLEAN NOT NULL,
    is_view_only BOOLEAN NOT NULL,
    created_at INTEGER,
    PRIMARY KEY (gid),
    CONSTRAINT uq_workspace_membership_workspace_user UNIQUE (workspace, user),
    FOREIGN KEY(user) REFERENCES user (gid) ON DELETE CASCADE,
    FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE,
    FOREIGN KEY(user_task_list) REFERENCES user_task_list (gid) ON DELETE SET NULL
)

CREATE INDEX ix_workspace_membership_user ON workspace_membership (user)

CREATE INDEX ix_workspace_membership_user_task_list ON workspace_membership (user_task_list) WHERE user_task_list IS NOT NULL

CREATE INDEX ix_workspace_membership_workspace_gid ON workspace_membership (workspace, gid)

CREATE VIRTUAL TABLE user_words USING fts5(name, email, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')

CREATE TRIGGER user_words_insert AFTER INSERT ON "user" BEGIN INSERT INTO user_words (rowid, name, email) VALUES (new.gid, fold(new.name), fold(new.email)); END

CREATE TRIGGER user_words_delete AFTER DELETE ON "user" BEGIN INSERT INTO user_words (user_words, rowid, name, email) VALUES ('delete', old.gid, fold(old.name), fold(old.email)); END

CREATE TRIGGER user_words_update AFTER UPDATE OF name, email ON "user" WHEN new.name IS NOT old.name OR new.email IS NOT old.email BEGIN INSERT INTO user_words (user_words, rowid, name, email) VALUES ('delete', old.gid, fold(old.name), fold(old.email)); INSERT INTO user_words (rowid, name, email) VALUES (new.gid, fold(new.name), fold(new.email)); END

CREATE VIRTUAL TABLE project_words USING fts5(name, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')

CREATE TRIGGER project_words_insert AFTER INSERT ON "project" BEGIN INSERT INTO project_words (rowid, name) VALUES (new.gid, fold(new.name)); END

CREATE TRIGGER project_words_delete AFTER DELETE ON "project" BEGIN INSERT INTO project_words (project_words, rowid, name) VALUES ('delete', old.gid, fold(old.name)); END

CREATE TRIGGER project_words_update AFTER UPDATE OF name ON "project" WHEN new.name IS NOT old.name BEGIN INSERT INTO project_words (project_words, rowid, name) VALUES ('delete', old.gid, fold(old.name)); INSERT INTO project_words (rowid, name) VALUES (new.gid, fold(new.name)); END

CREATE VIRTUAL TABLE task_words USING fts5(name, notes, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')

CREATE TRIGGER task_words_insert AFTER INSERT ON "task" BEGIN INSERT INTO task_words (rowid, name, notes) VALUES (new.gid, fold(new.name), fold(new.notes)); END

CREATE TRIGGER task_words_delete AFTER DELETE ON "task" BEGIN INSERT INTO task_words (task_words, rowid, name, notes) VALUES ('delete', old.gid, fold(old.name), fold(old.notes)); END

CREATE TRIGGER task_words_update AFTER UPDATE OF name, notes ON "task" WHEN new.name IS NOT old.name OR new.notes IS NOT old.notes BEGIN INSERT INTO task_words (task_words, rowid, name, notes) VALUES ('delete', old.gid, fold(old.name), fold(old.notes)); INSERT INTO task_words (rowid, name, notes) VALUES (new.gid, fold(new.name), fold(new.notes)); END

INSERT INTO edition (gid, number) VALUES (1, 0)

CREATE TRIGGER edition_project_insert AFTER INSERT ON "project" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_project_update AFTER UPDATE ON "project" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_project_delete AFTER DELETE ON "project" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_project_members_insert AFTER INSERT ON "project_members" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_project_members_update AFTER UPDATE ON "project_members" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_project_members_delete AFTER DELETE ON "project_members" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_section_insert AFTER INSERT ON "section" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_section_update AFTER UPDATE ON "section" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_section_delete AFTER DELETE ON "section" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_tag_insert AFTER INSERT ON "tag" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_tag_update AFTER UPDATE ON "tag" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_tag_delete AFTER DELETE ON "tag" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_team_insert AFTER INSERT ON "team" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_team_update AFTER UPDATE ON "team" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_team_delete AFTER DELETE ON "team" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_team_membership_insert AFTER INSERT ON "team_membership" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_team_membership_update AFTER UPDATE ON "team_membership" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_team_membership_delete AFTER DELETE ON "team_membership" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_user_insert AFTER INSERT ON "user" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_user_update AFTER UPDATE ON "user" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_user_delete AFTER DELETE ON "user" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_user_task_list_insert AFTER INSERT ON "user_task_list" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_user_task_list_update AFTER UPDATE ON "user_task_list" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_user_task_list_delete AFTER DELETE ON "user_task_list" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_workspace_insert AFTER INSERT ON "workspace" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_workspace_update AFTER UPDATE ON "workspace" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_workspace_delete AFTER DELETE ON "workspace" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_workspace_membership_insert AFTER INSERT ON "workspace_membership" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_workspace_membership_update AFTER UPDATE ON "workspace_membership" BEGIN UPDATE edition SET number = number + 1; END

CREATE TRIGGER edition_workspace_membership_delete AFTER DELETE ON "workspace_membership" BEGIN UPDATE edition SET number = number + 1; END
