"""What holds in any database, whatever requests have been made: looked up in the tables themselves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

from batchwright.resources import KINDS
from batchwright.store import databases

# What must be empty whatever has happened: name, query.
INVARIANTS = {
    "a task twice in a project": "SELECT task, project FROM membership GROUP BY 1, 2 HAVING COUNT(*) > 1",
    "a place in a section of another project": """
        SELECT m.gid FROM membership m JOIN section s ON s.gid = m.section
        WHERE s.project IS DISTINCT FROM m.project""",
    "a task in a project of another workspace": """
        SELECT m.gid FROM membership m JOIN task t ON t.gid = m.task JOIN project p ON p.gid = m.project
        WHERE t.workspace <> p.workspace""",
    "a project without a section": """
        SELECT gid FROM project WHERE NOT EXISTS (SELECT 1 FROM section s WHERE s.project = project.gid)""",
    "a task too deep": """
        WITH RECURSIVE up(gid, above, depth) AS (
            SELECT gid, parent, 1 FROM task UNION ALL
            SELECT up.gid, task.parent, depth + 1 FROM up JOIN task ON task.gid = up.above WHERE depth < 9)
        SELECT gid FROM up WHERE depth > 6""",
    "a subtask of another workspace": """
        SELECT t.gid FROM task t JOIN task p ON p.gid = t.parent WHERE t.workspace <> p.workspace""",
    "a completed task without a time, or the other way": """
        SELECT gid FROM task
        WHERE completed <> (completed_at IS NOT NULL) OR completed <> (completed_by IS NOT NULL)""",
    "an approval that contradicts itself": """
        SELECT gid FROM task WHERE (resource_subtype = 'approval') <> (approval_status IS NOT NULL)
        OR (approval_status IS NOT NULL AND completed <> (approval_status <> 'pending'))""",
    "an assignee's section of somebody else": """
        SELECT t.gid FROM task t JOIN section s ON s.gid = t.assignee_section
        JOIN user_task_list l ON l.gid = s.user_task_list WHERE l.owner IS DISTINCT FROM t.assignee""",
    "a section for nobody": "SELECT gid FROM task WHERE assignee IS NULL AND assignee_section IS NOT NULL",
    "an assignee who isn't in the workspace": """
        SELECT gid FROM task WHERE assignee IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM workspace_membership m WHERE m."user" = task.assignee AND m.workspace = task.workspace)""",
    "somebody who isn't in the workspace": """
        SELECT t.gid FROM task t JOIN task_followers f ON f.owner = t.gid WHERE NOT EXISTS (
            SELECT 1 FROM workspace_membership m WHERE m."user" = f.target AND m.workspace = t.workspace)
        UNION ALL SELECT p.gid FROM project p JOIN project_members l ON l.owner = p.gid WHERE NOT EXISTS (
            SELECT 1 FROM workspace_membership m WHERE m."user" = l.target AND m.workspace = p.workspace)
        UNION ALL SELECT gid FROM project p WHERE p.owner IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM workspace_membership m WHERE m."user" = p.owner AND m.workspace = p.workspace)""",
    "a task that waits in a circle": """
        WITH RECURSIVE down(start, gid) AS (
            SELECT owner, target FROM task_dependencies UNION
            SELECT down.start, d.target FROM down JOIN task_dependencies d ON d.owner = down.gid)
        SELECT start FROM down WHERE start = gid""",
    "more than thirty at a task": """
        SELECT gid FROM task WHERE (SELECT COUNT(*) FROM task_dependencies WHERE gid IN (owner, target)) > 30""",
    "a follower who isn't a member": """
        SELECT owner FROM project_followers f WHERE NOT EXISTS (
            SELECT 1 FROM project_members m WHERE m.owner = f.owner AND m.target = f.target)""",
    "a start without an end, or after it": """
        SELECT gid FROM task WHERE start_on IS NOT NULL AND (due_on IS NULL OR start_on > due_on)""",
}


def wrongs(database: str) -> dict[str, list[Any]]:
    """What doesn't hold."""
    connection: Any = sqlite3.connect(database) if databases.is_file(database) else psycopg.connect(database)
    with closing(connection):
        found = {name: connection.execute(query).fetchall() for name, query in INVARIANTS.items()}
    found["database"] = databases.check(database, KINDS)
    return {name: rows for name, rows in found.items() if rows}
