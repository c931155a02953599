CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(lower($1), 'ß', 'ss')

CREATE TABLE workspace (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    email_domains TEXT COLLATE "C" NOT NULL,
    is_organization BOOLEAN NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE workspace_membership (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    workspace BIGINT NOT NULL,
    user_task_list BIGINT,
    is_active BOOLEAN NOT NULL,
    is_admin BOOLEAN NOT NULL,
    is_guest BOOLEAN NOT NULL,
    is_view_only BOOLEAN NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_workspace_membership_workspace_user UNIQUE (workspace, "user")
)

CREATE TABLE "user" (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    photo TEXT COLLATE "C",
    PRIMARY KEY (gid),
    CONSTRAINT uq_user_email UNIQUE (email)
)

CREATE TABLE favorite (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    workspace BIGINT NOT NULL,
    target BIGINT NOT NULL,
    rank TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_favorite_user_target UNIQUE ("user", target)
)

CREATE TABLE team (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    html_description TEXT COLLATE "C" NOT NULL,
    organization BIGINT NOT NULL,
    visibility TEXT COLLATE "C" NOT NULL,
    edit_team_name_or_description_access_level TEXT COLLATE "C" NOT NULL,
    edit_team_visibility_or_trash_team_access_level TEXT COLLATE "C" NOT NULL,
    member_invite_management_access_level TEXT COLLATE "C" NOT NULL,
    guest_invite_management_access_level TEXT COLLATE "C" NOT NULL,
    join_request_management_access_level TEXT COLLATE "C" NOT NULL,
    team_member_removal_access_level TEXT COLLATE "C" NOT NULL,
    team_content_management_access_level TEXT COLLATE "C" NOT NULL,
    endorsed BOOLEAN NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE team_membership (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    team BIGINT NOT NULL,
    is_guest BOOLEAN NOT NULL,
    is_limited_access BOOLEAN NOT NULL,
    is_admin BOOLEAN NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_team_membership_team_user UNIQUE (team, "user")
)

CREATE TABLE project (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    archived BOOLEAN NOT NULL,
    color TEXT COLLATE "C",
    icon TEXT COLLATE "C",
    created_at BIGINT,
    default_view TEXT COLLATE "C" NOT NULL,
    due_on TEXT COLLATE "C",
    html_notes TEXT COLLATE "C" NOT NULL,
    modified_at BIGINT,
    notes TEXT COLLATE "C" NOT NULL,
    privacy_setting TEXT COLLATE "C" NOT NULL,
    start_on TEXT COLLATE "C",
    default_access_level TEXT COLLATE "C" NOT NULL,
    minimum_access_level_for_customization TEXT COLLATE "C" NOT NULL,
    minimum_access_level_for_sharing TEXT COLLATE "C" NOT NULL,
    completed BOOLEAN NOT NULL,
    completed_at BIGINT,
    completed_by BIGINT,
    owner BIGINT,
    team BIGINT,
    workspace BIGINT NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE section (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    project BIGINT,
    user_task_list BIGINT,
    rank TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE task (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    resource_subtype TEXT COLLATE "C" NOT NULL,
    created_by BIGINT,
    approval_status TEXT COLLATE "C",
    assignee BIGINT,
    assignee_section BIGINT,
    assignee_status TEXT COLLATE "C" NOT NULL,
    assigned_by BIGINT,
    completed BOOLEAN NOT NULL,
    completed_at BIGINT,
    completed_by BIGINT,
    created_at BIGINT,
    modified_at BIGINT,
    due_on TEXT COLLATE "C",
    due_at BIGINT,
    start_on TEXT COLLATE "C",
    start_at BIGINT,
    notes TEXT COLLATE "C" NOT NULL,
    html_notes TEXT COLLATE "C" NOT NULL,
    parent BIGINT,
    workspace BIGINT NOT NULL,
    subtask_rank TEXT COLLATE "C" NOT NULL,
    assignee_rank TEXT COLLATE "C" NOT NULL,
    external_gid TEXT COLLATE "C",
    external_data TEXT COLLATE "C",
    external_key TEXT COLLATE "C",
    PRIMARY KEY (gid),
    CONSTRAINT uq_task_external_key UNIQUE (external_key)
)

CREATE TABLE membership (
    gid BIGINT NOT NULL,
    task BIGINT NOT NULL,
    project BIGINT NOT NULL,
    section BIGINT NOT NULL,
    rank TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_membership_task_project UNIQUE (task, project)
)

CREATE TABLE task_like (
    gid BIGINT NOT NULL,
    task BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_task_like_task_user UNIQUE (task, "user")
)

CREATE TABLE tag (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    color TEXT COLLATE "C",
    notes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    workspace BIGINT NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE story (
    gid BIGINT NOT NULL,
    created_at BIGINT,
    created_by BIGINT,
    resource_subtype TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    html_text TEXT COLLATE "C" NOT NULL,
    is_pinned BOOLEAN NOT NULL,
    sticker_name TEXT COLLATE "C",
    is_edited BOOLEAN NOT NULL,
    old_name TEXT COLLATE "C",
    new_name TEXT COLLATE "C",
    old_dates TEXT COLLATE "C",
    new_dates TEXT COLLATE "C",
    old_resource_subtype TEXT COLLATE "C",
    new_resource_subtype TEXT COLLATE "C",
    story BIGINT,
    assignee BIGINT,
    follower BIGINT,
    old_section BIGINT,
    new_section BIGINT,
    task BIGINT,
    project BIGINT,
    tag BIGINT,
    old_text_value TEXT COLLATE "C",
    new_text_value TEXT COLLATE "C",
    old_approval_status TEXT COLLATE "C",
    new_approval_status TEXT COLLATE "C",
    duplicate_of BIGINT,
    duplicated_from BIGINT,
    dependency BIGINT,
    target BIGINT NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE story_like (
    gid BIGINT NOT NULL,
    story BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_story_like_story_user UNIQUE (story, "user")
)

CREATE TABLE event (
    gid BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    told TEXT COLLATE "C" NOT NULL,
    "user" BIGINT,
    created_at BIGINT,
    PRIMARY KEY (gid)
)

CREATE TABLE user_task_list (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    owner BIGINT NOT NULL,
    workspace BIGINT NOT NULL,
    PRIMARY KEY (gid),
    CONSTRAINT uq_user_task_list_owner_workspace UNIQUE (owner, workspace)
)

CREATE TABLE job (
    gid BIGINT NOT NULL,
    resource_subtype TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    new_project BIGINT,
    new_task BIGINT,
    created_by BIGINT NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (gid)
)

CREATE TABLE batch_job (
    gid BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    actions BIGINT NOT NULL,
    done BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    created_at BIGINT,
    ended_at BIGINT,
    created_by BIGINT NOT NULL,
    holder BIGINT,
    asked TEXT COLLATE "C" NOT NULL,
    base TEXT COLLATE "C" NOT NULL,
    worker BIGINT,
    claimed_until BIGINT,
    PRIMARY KEY (gid)
)

CREATE TABLE batch_action (
    gid BIGINT NOT NULL,
    job BIGINT NOT NULL,
    index BIGINT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    status_code BIGINT,
    headers TEXT COLLATE "C",
    body TEXT COLLATE "C",
    PRIMARY KEY (gid),
    CONSTRAINT uq_batch_action_job_index UNIQUE (job, index)
)

CREATE TABLE app (
    gid BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    confidential BOOLEAN NOT NULL,
    secret_digest TEXT COLLATE "C" NOT NULL,
    redirect_uris TEXT COLLATE "C",
    scopes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (gid)
)

CREATE TABLE "grant" (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    app BIGINT NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    redeemed_at BIGINT,
    PRIMARY KEY (gid)
)

CREATE TABLE authorization_code (
    gid BIGINT NOT NULL,
    "grant" BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    challenge TEXT COLLATE "C" NOT NULL,
    nonce TEXT COLLATE "C",
    expires_at BIGINT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_authorization_code_digest UNIQUE (digest)
)

CREATE TABLE refresh_token (
    gid BIGINT NOT NULL,
    "grant" BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_refresh_token_digest UNIQUE (digest)
)

CREATE TABLE token (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    expires_at BIGINT,
    used_at BIGINT,
    "grant" BIGINT,
    app BIGINT,
    scopes TEXT COLLATE "C",
    PRIMARY KEY (gid),
    CONSTRAINT uq_token_digest UNIQUE (digest)
)

CREATE TABLE password (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_password_user UNIQUE ("user")
)

CREATE TABLE session (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    expires_at BIGINT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_session_digest UNIQUE (digest)
)

CREATE TABLE signing_key (
    gid BIGINT NOT NULL,
    algorithm TEXT COLLATE "C" NOT NULL,
    private TEXT COLLATE "C",
    created_at BIGINT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_signing_key_algorithm UNIQUE (algorithm)
)

CREATE TABLE receipt (
    gid BIGINT NOT NULL,
    "user" BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    reply TEXT COLLATE "C" NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (gid),
    CONSTRAINT uq_receipt_digest UNIQUE (digest)
)

CREATE TABLE project_members (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE project_admins (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE project_commenters (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE project_viewers (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE project_followers (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE task_dependencies (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE task_followers (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE task_tags (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE tag_followers (
    owner BIGINT NOT NULL,
    target BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (owner, target)
)

CREATE TABLE edition (
    gid BIGSERIAL NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (gid)
)

CREATE TABLE meta (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key)
)

CREATE INDEX ix_workspace_membership_user ON workspace_membership ("user")

CREATE INDEX ix_workspace_membership_user_task_list ON workspace_membership (user_task_list) WHERE user_task_list IS NOT NULL

CREATE INDEX ix_workspace_membership_workspace_gid ON workspace_membership (workspace, gid)

CREATE INDEX ix_favorite_user_workspace_rank ON favorite ("user", workspace, rank)

CREATE INDEX ix_favorite_workspace ON favorite (workspace)

CREATE INDEX ix_team_organization_gid ON team (organization, gid)

CREATE INDEX ix_team_membership_team_gid ON team_membership (team, gid)

CREATE INDEX ix_team_membership_user ON team_membership ("user")

CREATE INDEX ix_project_owner ON project (owner) WHERE owner IS NOT NULL

CREATE INDEX ix_project_team ON project (team) WHERE team IS NOT NULL

CREATE INDEX ix_project_workspace_created_at ON project (workspace, created_at)

CREATE INDEX ix_project_workspace_gid ON project (workspace, gid)

CREATE INDEX ix_project_workspace_modified_at ON project (workspace, modified_at)

CREATE INDEX ix_section_project_rank ON section (project, rank) WHERE project IS NOT NULL

CREATE INDEX ix_section_user_task_list ON section (user_task_list) WHERE user_task_list IS NOT NULL

CREATE INDEX ix_task_assigned_by ON task (assigned_by) WHERE assigned_by IS NOT NULL

CREATE INDEX ix_task_assignee_section_assignee_rank ON task (assignee_section, assignee_rank) WHERE assignee_section IS NOT NULL

CREATE INDEX ix_task_assignee_workspace ON task (assignee, workspace) WHERE assignee IS NOT NULL

CREATE INDEX ix_task_created_by ON task (created_by) WHERE created_by IS NOT NULL

CREATE INDEX ix_task_parent_subtask_rank ON task (parent, subtask_rank) WHERE parent IS NOT NULL

CREATE INDEX ix_task_workspace_created_at ON task (workspace, created_at)

CREATE INDEX ix_task_workspace_modified_at ON task (workspace, modified_at)

CREATE INDEX ix_membership_project ON membership (project)

CREATE INDEX ix_membership_section_rank ON membership (section, rank)

CREATE INDEX ix_task_like_user ON task_like ("user")

CREATE INDEX ix_tag_workspace_gid ON tag (workspace, gid)

CREATE INDEX ix_story_created_by ON story (created_by) WHERE created_by IS NOT NULL

CREATE INDEX ix_story_duplicated_from ON story (duplicated_from) WHERE duplicated_from IS NOT NULL

CREATE INDEX ix_story_target_gid ON story (target, gid)

CREATE INDEX ix_story_like_user ON story_like ("user")

CREATE INDEX ix_event_stream_gid ON event (stream, gid)

CREATE INDEX ix_user_task_list_workspace ON user_task_list (workspace)

CREATE INDEX ix_job_created_by ON job (created_by)

CREATE INDEX ix_batch_job_created_by ON batch_job (created_by)

CREATE INDEX ix_batch_job_status_gid ON batch_job (status, gid)

CREATE INDEX ix_grant_app ON "grant" (app)

CREATE INDEX ix_grant_user_app ON "grant" ("user", app)

CREATE INDEX ix_authorization_code_grant ON authorization_code ("grant")

CREATE INDEX ix_refresh_token_grant ON refresh_token ("grant")

CREATE INDEX ix_token_app ON token (app) WHERE app IS NOT NULL

CREATE INDEX ix_token_grant ON token ("grant") WHERE "grant" IS NOT NULL

CREATE INDEX ix_token_user ON token ("user")

CREATE INDEX ix_session_user ON session ("user")

CREATE INDEX ix_receipt_user ON receipt ("user")

CREATE INDEX ix_project_members_target ON project_members (target)

CREATE INDEX ix_project_admins_target ON project_admins (target)

CREATE INDEX ix_project_commenters_target ON project_commenters (target)

CREATE INDEX ix_project_viewers_target ON project_viewers (target)

CREATE INDEX ix_project_followers_target ON project_followers (target)

CREATE INDEX ix_task_dependencies_target ON task_dependencies (target)

CREATE INDEX ix_task_followers_target ON task_followers (target)

CREATE INDEX ix_task_tags_target ON task_tags (target)

CREATE INDEX ix_tag_followers_target ON tag_followers (target)

ALTER TABLE workspace_membership ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE workspace_membership ADD FOREIGN KEY(user_task_list) REFERENCES user_task_list (gid) ON DELETE SET NULL

ALTER TABLE workspace_membership ADD FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE

ALTER TABLE favorite ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE favorite ADD FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE

ALTER TABLE team ADD FOREIGN KEY(organization) REFERENCES workspace (gid) ON DELETE CASCADE

ALTER TABLE team_membership ADD FOREIGN KEY(team) REFERENCES team (gid) ON DELETE CASCADE

ALTER TABLE team_membership ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE project ADD FOREIGN KEY(owner) REFERENCES "user" (gid) ON DELETE SET NULL

ALTER TABLE project ADD FOREIGN KEY(team) REFERENCES team (gid) ON DELETE SET NULL

ALTER TABLE project ADD FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE

ALTER TABLE section ADD FOREIGN KEY(project) REFERENCES project (gid) ON DELETE CASCADE

ALTER TABLE section ADD FOREIGN KEY(user_task_list) REFERENCES user_task_list (gid) ON DELETE CASCADE

ALTER TABLE task ADD FOREIGN KEY(assigned_by) REFERENCES "user" (gid) ON DELETE SET NULL

ALTER TABLE task ADD FOREIGN KEY(assignee) REFERENCES "user" (gid) ON DELETE SET NULL

ALTER TABLE task ADD FOREIGN KEY(assignee_section) REFERENCES section (gid) ON DELETE SET NULL

ALTER TABLE task ADD FOREIGN KEY(created_by) REFERENCES "user" (gid) ON DELETE SET NULL

ALTER TABLE task ADD FOREIGN KEY(parent) REFERENCES task (gid) ON DELETE SET NULL

ALTER TABLE task ADD FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE

ALTER TABLE membership ADD FOREIGN KEY(project) REFERENCES project (gid) ON DELETE CASCADE

ALTER TABLE membership ADD FOREIGN KEY(section) REFERENCES section (gid) ON DELETE CASCADE

ALTER TABLE membership ADD FOREIGN KEY(task) REFERENCES task (gid) ON DELETE CASCADE

ALTER TABLE task_like ADD FOREIGN KEY(task) REFERENCES task (gid) ON DELETE CASCADE

ALTER TABLE task_like ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE tag ADD FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE

ALTER TABLE story ADD FOREIGN KEY(created_by) REFERENCES "user" (gid) ON DELETE SET NULL

ALTER TABLE story ADD FOREIGN KEY(duplicated_from) REFERENCES task (gid) ON DELETE SET NULL

ALTER TABLE story ADD FOREIGN KEY(target) REFERENCES task (gid) ON DELETE CASCADE

ALTER TABLE story_like ADD FOREIGN KEY(story) REFERENCES story (gid) ON DELETE CASCADE

ALTER TABLE story_like ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE user_task_list ADD FOREIGN KEY(owner) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE user_task_list ADD FOREIGN KEY(workspace) REFERENCES workspace (gid) ON DELETE CASCADE

ALTER TABLE job ADD FOREIGN KEY(created_by) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE batch_job ADD FOREIGN KEY(created_by) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE batch_action ADD FOREIGN KEY(job) REFERENCES batch_job (gid) ON DELETE CASCADE

ALTER TABLE "grant" ADD FOREIGN KEY(app) REFERENCES app (gid) ON DELETE CASCADE

ALTER TABLE "grant" ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE authorization_code ADD FOREIGN KEY("grant") REFERENCES "grant" (gid) ON DELETE CASCADE

ALTER TABLE refresh_token ADD FOREIGN KEY("grant") REFERENCES "grant" (gid) ON DELETE CASCADE

ALTER TABLE token ADD FOREIGN KEY(app) REFERENCES app (gid) ON DELETE CASCADE

ALTER TABLE token ADD FOREIGN KEY("grant") REFERENCES "grant" (gid) ON DELETE CASCADE

ALTER TABLE token ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE password ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE session ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE receipt ADD FOREIGN KEY("user") REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE project_members ADD FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE

ALTER TABLE project_members ADD FOREIGN KEY(target) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE project_admins ADD FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE

ALTER TABLE project_admins ADD FOREIGN KEY(target) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE project_commenters ADD FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE

ALTER TABLE project_commenters ADD FOREIGN KEY(target) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE project_viewers ADD FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE

ALTER TABLE project_viewers ADD FOREIGN KEY(target) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE project_followers ADD FOREIGN KEY(owner) REFERENCES project (gid) ON DELETE CASCADE

ALTER TABLE project_followers ADD FOREIGN KEY(target) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE task_dependencies ADD FOREIGN KEY(owner) REFERENCES task (gid) ON DELETE CASCADE

ALTER TABLE task_dependencies ADD FOREIGN KEY(target) REFERENCES task (gid) ON DELETE CASCADE

ALTER TABLE task_followers ADD FOREIGN KEY(owner) REFERENCES task (gid) ON DELETE CASCADE

ALTER TABLE task_followers ADD FOREIGN KEY(target) REFERENCES "user" (gid) ON DELETE CASCADE

ALTER TABLE task_tags ADD FOREIGN KEY(owner) REFERENCES task (gid) ON DELETE CASCADE

ALTER TABLE task_tags ADD FOREIGN KEY(target) REFERENCES tag (gid) ON DELETE CASCADE

ALTER TABLE tag_followers ADD FOREIGN KEY(owner) REFERENCES tag (gid) ON DELETE CASCADE

ALTER TABLE tag_followers ADD FOREIGN KEY(target) REFERENCES "user" (gid) ON DELETE CASCADE

CREATE EXTENSION IF NOT EXISTS pg_trgm

CREATE INDEX ix_user_words ON "user" USING gin (fold(name) gin_trgm_ops, fold(email) gin_trgm_ops)

CREATE INDEX ix_project_words ON "project" USING gin (fold(name) gin_trgm_ops)

CREATE INDEX ix_task_words ON "task" USING gin (fold(name) gin_trgm_ops, fold(notes) gin_trgm_ops)

INSERT INTO edition (gid, number) VALUES (1, 0)

CREATE FUNCTION next_edition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE edition SET number = number + 1; RETURN NULL; END $$

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "project" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "project_members" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "section" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "tag" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "team" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "team_membership" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "user" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "user_task_list" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "workspace" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()

CREATE TRIGGER edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "workspace_membership" FOR EACH STATEMENT EXECUTE FUNCTION next_edition()
