// Tasks as one would write them with hapi, bassmaster and better-sqlite3: node server.js PORT DATABASE
'use strict';

const { createHash } = require('crypto');
const Hapi = require('@hapi/hapi');
const Bassmaster = require('bassmaster');
const Database = require('better-sqlite3');

const db = new Database(process.argv[3], { timeout: 30000 });
for (const pragma of ['journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON', 'cache_size=-65536']) db.pragma(pragma);

// gids have more digits than a JavaScript number, so they come as text and go as BigInt.
const text = (column) => `CAST(${column} AS TEXT)`;
const prepared = (sql) => db.prepare(sql);
const one = (sql) => { const s = prepared(sql); return (...values) => s.get(...values); };
const all = (sql) => { const s = prepared(sql); return (...values) => s.all(...values); };
const run = (sql) => { const s = prepared(sql); return (...values) => s.run(...values); };

const VISIBLE_PROJECT = `(p.owner = :me
  OR EXISTS (SELECT 1 FROM project_members m WHERE m.owner = p.gid AND m.target = :me)
  OR p.privacy_setting = 'public_to_workspace' AND EXISTS (
    SELECT 1 FROM workspace_membership w WHERE w.workspace = p.workspace AND w.user = :me AND w.is_guest = 0))`;

const caller = one(`SELECT ${text('user')} AS user FROM token WHERE digest = ?`);
const taskOf = one(`SELECT t.*, ${text('t.gid')} AS gid, ${text('t.assignee')} AS assignee, a.name AS assignee_name,
    ${text('t.assignee_section')} AS assignee_section, s.name AS section_name,
    ${text('t.completed_by')} AS completed_by, c.name AS completer_name,
    ${text('t.parent')} AS parent, up.name AS parent_name, up.resource_subtype AS parent_subtype,
    ${text('t.workspace')} AS workspace, w.name AS workspace_name
  FROM task t JOIN workspace w ON w.gid = t.workspace LEFT JOIN user a ON a.gid = t.assignee
    LEFT JOIN section s ON s.gid = t.assignee_section LEFT JOIN user c ON c.gid = t.completed_by
    LEFT JOIN task up ON up.gid = t.parent
  WHERE t.gid = :gid AND (t.assignee = :me
    OR EXISTS (SELECT 1 FROM task_followers f WHERE f.owner = t.gid AND f.target = :me)
    OR EXISTS (SELECT 1 FROM membership m JOIN project p ON p.gid = m.project
               WHERE m.task = t.gid AND ${VISIBLE_PROJECT}))`);
const membershipsOf = all(`SELECT ${text('p.gid')} AS project, p.name AS project_name, ${text('s.gid')} AS section,
    s.name AS section_name
  FROM membership m JOIN project p ON p.gid = m.project JOIN section s ON s.gid = m.section
  WHERE m.task = :gid AND ${VISIBLE_PROJECT} ORDER BY m.gid`);
const likesOf = all(`SELECT ${text('u.gid')} AS gid, u.name FROM task_like l JOIN user u ON u.gid = l.user
  WHERE l.task = ? ORDER BY l.gid`);
const followersOf = all(`SELECT ${text('u.gid')} AS gid, u.name FROM task_followers f JOIN user u ON u.gid = f.target
  WHERE f.owner = ? ORDER BY f.position`);
const tagsOf = all(`SELECT ${text('g.gid')} AS gid, g.name FROM task_tags t JOIN tag g ON g.gid = t.target
  WHERE t.owner = ? ORDER BY t.position`);

const projectOf = one(`SELECT name, ${text('workspace')} AS workspace FROM project p
  WHERE gid = :gid AND ${VISIBLE_PROJECT}`);
const sectionOf = one(`SELECT ${text('project')} AS project FROM section WHERE gid = ?`);
const memberOf = one(`SELECT u.name FROM workspace_membership m JOIN user u ON u.gid = m.user
  WHERE m.workspace = ? AND m.user = ?`);
const tagOf = one('SELECT name FROM tag WHERE gid = ? AND workspace = ?');
const firstSection = one(`SELECT ${text('s.gid')} AS gid FROM section s JOIN user_task_list l ON l.gid = s.user_task_list
  WHERE l.owner = ? AND l.workspace = ? ORDER BY s.rank LIMIT 1`);
const addTask = run(`INSERT INTO task (gid, name, resource_subtype, created_by, assignee, assignee_section,
    assignee_status, assigned_by, completed, created_at, modified_at, due_on, notes, html_notes, workspace, assignee_rank)
  VALUES (:gid, :name, 'default_task', :me, :assignee, :section, 'inbox', :me, 0, :now, :now, :due_on, :notes, :html,
    :workspace, :rank)`);
const addMembership = run('INSERT INTO membership (gid, task, project, section, rank) VALUES (?, ?, ?, ?, ?)');
const addFollower = run('INSERT INTO task_followers (owner, target, position) VALUES (?, ?, ?)');
const addTag = run('INSERT INTO task_tags (owner, target, position) VALUES (?, ?, ?)');
const addLike = run('INSERT INTO task_like (gid, task, user) VALUES (?, ?, ?)');
const addStory = run(`INSERT INTO story (gid, created_at, created_by, resource_subtype, type, text, html_text, assignee,
    project, tag, target) VALUES (?, ?, ?, ?, 'system', ?, ?, ?, ?, ?, ?)`);
const addEvent = run(`INSERT INTO event (gid, scope, user, created_at, type, action, resource, parent, change)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);

let last = BigInt(Date.now()) * 1000000n;
const fresh = () => { last += 1n; return last; };
const moment = (ms) => ms === null ? null : new Date(ms).toISOString();
const compact = (kind, gid, name) => gid === null ? null : { gid, resource_type: kind, name };

const record = (gid, me, base) => {
  const task = taskOf({ gid, me });
  if (!task) return null;
  const likes = likesOf(gid).map((user) => ({ user: compact('user', user.gid, user.name) }));
  const liked = likes.some((like) => like.user.gid === String(me));
  const memberships = membershipsOf({ gid, me }).map((each) => ({
    project: compact('project', each.project, each.project_name),
    section: compact('section', each.section, each.section_name),
  }));
  return {
    gid: task.gid,
    resource_type: 'task',
    name: task.name,
    resource_subtype: task.resource_subtype,
    actual_time_minutes: null,
    assignee: compact('user', task.assignee, task.assignee_name),
    ...(task.assignee === String(me)
      ? { assignee_section: compact('section', task.assignee_section, task.section_name) } : {}),
    assignee_status: task.assignee_status,
    completed: task.completed === 1,
    completed_at: moment(task.completed_at),
    completed_by: compact('user', task.completed_by, task.completer_name),
    created_at: moment(task.created_at),
    modified_at: moment(task.modified_at),
    custom_fields: [],
    custom_type: null,
    custom_type_status_option: null,
    due_on: task.due_on,
    due_at: moment(task.due_at),
    start_on: task.start_on,
    start_at: moment(task.start_at),
    notes: task.notes,
    liked,
    likes,
    num_likes: likes.length,
    hearted: liked,
    hearts: likes,
    num_hearts: likes.length,
    followers: followersOf(gid).map((user) => compact('user', user.gid, user.name)),
    parent: task.parent === null ? null
      : { ...compact('task', task.parent, task.parent_name), resource_subtype: task.parent_subtype },
    memberships,
    projects: memberships.map((each) => each.project),
    tags: tagsOf(gid).map((tag) => compact('tag', tag.gid, tag.name)),
    workspace: compact('workspace', task.workspace, task.workspace_name),
    permalink_url: `${base}/1/${task.workspace}/task/${task.gid}`,
  };
};

const create = db.transaction((data, me) => {
  const places = data.memberships.map((each) => [BigInt(each.project), BigInt(each.section)]);
  const projects = places.map(([gid]) => projectOf({ gid, me }));
  if (projects.some((project) => !project)) return null;
  const workspace = BigInt(projects[0].workspace);
  if (projects.some((project) => BigInt(project.workspace) !== workspace)) return null;
  if (places.some(([project, section]) => sectionOf(section)?.project !== String(project))) return null;
  const assignee = BigInt(data.assignee);
  const followers = [...new Set([me, assignee, ...data.followers.map(BigInt)])];
  const members = followers.map((user) => memberOf(workspace, user));
  const tags = data.tags.map((tag) => [BigInt(tag), tagOf(BigInt(tag), workspace)]);
  if (members.some((member) => !member) || tags.some(([, tag]) => !tag)) return null;
  const gid = fresh();
  const now = Date.now();
  const section = firstSection(assignee, workspace);
  addTask({
    gid, me, assignee, workspace, now, name: data.name, due_on: data.due_on, notes: data.notes,
    html: `<body>${data.notes}</body>`, section: section ? BigInt(section.gid) : null, rank: `c${gid}`,
  });
  for (const [project, place] of places) addMembership(fresh(), gid, project, place, `m${gid}`);
  for (const user of followers) addFollower(gid, user, fresh());
  for (const [tag] of tags) addTag(gid, tag, fresh());
  if (data.liked) addLike(fresh(), gid, me);
  tell(gid, now, me, members, places, projects, assignee, tags);
  return gid;
});

const stub = (kind, gid) => ({ gid: String(gid), resource_type: kind });

const tell = (gid, now, me, members, places, projects, assignee, tags) => {
  const who = members[0].name;
  const task = stub('task', gid);
  const stories = [];
  const story = (subtype, words, about = {}) => {
    stories.push(fresh());
    addStory(stories.at(-1), now, me, subtype, words, `<body>${words}</body>`, about.assignee ?? null,
      about.project ?? null, about.tag ?? null, gid);
  };
  places.forEach(([project], n) => story('added_to_project', `${who} added this task to ${projects[n].name}`, { project }));
  story('assigned', `${who} assigned to ${members[1].name}`, { assignee });
  for (const [tag, row] of tags) story('added_to_tag', `${who} added this task to ${row.name}`, { tag });
  const events = [
    ...places.flatMap(([project, section]) => [
      ['task', 'added', task, stub('project', project), null],
      ['task', 'added', task, stub('section', section), null],
    ]),
    ['task', 'changed', task, null, { field: 'likes', action: 'added', added_value: stub('user', me) }],
    ...stories.map((each) => ['story', 'added', stub('story', each), task, null]),
  ];
  for (const [kind, action, resource, parent, change] of events) {
    for (const [scope] of places) {
      addEvent(fresh(), scope, me, now, kind, action, JSON.stringify(resource), parent && JSON.stringify(parent),
        change && JSON.stringify(change));
    }
  }
};

const identify = () => ({
  authenticate: (request, h) => {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const found = caller(createHash('sha256').update(token).digest('hex'));
    return found ? h.authenticated({ credentials: { me: BigInt(found.user) } }) : h.response().code(401).takeover();
  },
});

const baseOf = (request) => `http://${request.info.host}`;
const shown = (request, h, gid, status) => {
  const found = record(gid, request.auth.credentials.me, baseOf(request));
  return found ? h.response({ data: found }).code(status) : h.response({ errors: [] }).code(404);
};

const main = async () => {
  const server = Hapi.server({ port: Number(process.argv[2]), host: '127.0.0.1' });
  server.auth.scheme('token', identify);
  server.auth.strategy('token', 'token');
  server.auth.default('token');
  await server.register({ plugin: Bassmaster.plugin, options: { batchEndpoint: '/api/1.0/batch', auth: 'token' } });
  server.route({
    method: 'GET',
    path: '/api/1.0/tasks/{gid}',
    handler: (request, h) => shown(request, h, BigInt(request.params.gid), 200),
  });
  server.route({
    method: 'POST',
    path: '/api/1.0/tasks',
    handler: (request, h) => {
      const gid = create.immediate(request.payload.data, request.auth.credentials.me);
      return gid ? shown(request, h, gid, 201) : h.response({ errors: [] }).code(400);
    },
  });
  await server.start();
};

main();
