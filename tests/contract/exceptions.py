"""Where we differ from the contract on purpose, by aspect: a pattern of lines and the reason.

The lines are those of `tests.contract.differences`. EXCEPTIONS are those of every server, BEYOND those that a strict
one hasn't got. A pattern that no line matches any more fails, so neither list can outlive its reasons.
"""

from __future__ import annotations

NEEDED = "the contract doesn't say so, but without it nothing can be done: 400 `Missing input`"
LATER_FIELDS = "custom fields are a kind of a later issue"
LATER_STATUS = "status updates are a kind of a later issue"
CUSTOM_TYPES = "custom types are a kind of a later issue"

EXCEPTIONS: dict[str, dict[str, str]] = {
    "operations": {},
    "headers": {
        "Location: surplus": "where a new object is; the contract describes no headers at all",
        "Retry-After: surplus": "every 429 has it (facts, section 3)",
        "X-Asana-Api-Version: surplus": "the service sends it (facts, section 2)",
        "X-Request-Id: surplus": "by it an operator finds a request in the log",
    },
    "refusals": {"429: surplus": "the contract describes it, and forgets to say that operations answer it"},
    "parameters": {
        "getUsersForTeam.offset: missing": "the list is never given in pages, so an offset can't come from anywhere",
        "getUsersForWorkspace.offset: missing": "the same",
        "getTasks.tag: surplus": "the error message and the service know it (facts, sections 3 and 13)",
        "getTasks.user_task_list: surplus": "the same",
        "getWorkspaceEvents.opt_fields: surplus": "one list of events, whichever operation gives it",
        "typeaheadForWorkspace.resource_type: required": "older clients send its deprecated other name, `type`, alone",
    },
    "requests": {
        "createProject*.current_status*: missing": LATER_STATUS,
        "updateProject.current_status*: missing": LATER_STATUS,
        "updateProject.followers: missing": "its own text says so: followers are given at creation",
        "createTag.workspace: optional": NEEDED,
        "updateSection.insert_*: missing": "its own text says so: the name alone can be changed",
        "updateSection.name: required": "a change names what it changes, and may change nothing",
        "createBatchRequest.actions: optional": NEEDED,
        "addUserFor*.user: optional": NEEDED,
        "removeUserFor*.user: optional": NEEDED,
        "createTeam.name: optional": NEEDED,
        "createTeam.organization: optional": NEEDED,
        "updateTeam.organization: missing": "its own text says so: it can't be changed once set",
        "updateUser*.custom_fields: missing": LATER_FIELDS,
        "createTask.memberships: surplus": "its own text says so: at creation it puts the task into sections",
        "createSubtaskForTask.memberships: surplus": "the same",
        "updateStory.liked: surplus": "a comment is liked as a task is: no other operation of the contract can",
        "updateTask.parent: missing": "its own text says so: a parent is changed by setParent",
    },
    "replies": {},
    "records": {
        "Task*.resource_subtype: enum *": CUSTOM_TYPES,
        "StoryCompact.type: surplus": "the service shows it (facts, section 5.1)",
        "UserBaseResponse=UserResponse.*: surplus": "one record of a user, whichever operation shows it",
    },
    "scopes": {},
    "vocabulary": {
        "*.offset": "a key of next_page that the contract lists by mistake",
        "*.path": "the same",
        "*.uri": "the same",
    },
}

JOBS = "batches that are worked off behind the scenes (docs/batch.md)"
BEYOND: dict[str, dict[str, str]] = {
    "operations": {
        "createBatchJob: not in the contract": JOBS,
        "getBatchJob: not in the contract": JOBS,
        "getBatchJobs: not in the contract": JOBS,
        "getBatchJobResults: not in the contract": JOBS,
        "getBatchJobProgress: not in the contract": JOBS,
        "cancelBatchJob: not in the contract": JOBS,
        "createBatchRequest: status [[]200, 202[]] instead of [[]200[]]": "a batch that is taken in as a job",
    },
    "headers": {
        "*.Idempotency-Key: surplus": "trying again without doing it twice (docs/batch.md)",
        "*.Batchwright-Explain: surplus": "what took how long, and why a limit refused (docs/batch.md, docs/limits.md)",
        "createBatchRequest.Prefer: surplus": JOBS,
        "Idempotency-Replayed: surplus": "what was answered before",
        "Server-Timing: surplus": "what took how long",
        "X-Accel-Buffering: surplus": "of streams",
    },
    "refusals": {"409: surplus": "an idempotency key that was sent with another request"},
    "requests": {"createBatchRequest.*: surplus": "what a batch may ask for (docs/batch.md)"},
    "records": {"BatchResponse.*: surplus": "told to who asks for more than Asana has (docs/batch.md)"},
}
