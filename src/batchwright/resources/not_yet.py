"""What Asana's contract has and this server hasn't built: answered with 501, and left out of the document.

The list only shrinks: whoever builds an operation deletes its line (a test tells when it was forgotten).
"""

from __future__ import annotations

from typing import cast

from batchwright.model.calls import Call
from batchwright.model.kinds import Kind
from batchwright.model.operations import Method, Operation, Outcome
from batchwright.model.problems import not_built
from batchwright.model.views import View

# These answer 400 inside a batch, built or not (contract/asana-behaviour.md, section 8).
UNBATCHED = frozenset(("createAttachmentForObject", "createAttachmentForTask"))
# Clients still call these, though the contract has them no longer (section 1).
ALIASES = frozenset(("getAttachmentsForTask", "createAttachmentForTask"))
# A tag, the operation's id, its method and its path.
NOT_YET = """
Access requests | getAccessRequests GET /access_requests
Access requests | createAccessRequest POST /access_requests
Access requests | approveAccessRequest POST /access_requests/{access_request_gid}/approve
Access requests | rejectAccessRequest POST /access_requests/{access_request_gid}/reject
Agents | getAgent GET /agents/{agent_gid}
Agents | getAgentsForWorkspace GET /workspaces/{workspace_gid}/agents
Allocations | getAllocations GET /allocations
Allocations | createAllocation POST /allocations
Allocations | getAllocation GET /allocations/{allocation_gid}
Allocations | updateAllocation PUT /allocations/{allocation_gid}
Allocations | deleteAllocation DELETE /allocations/{allocation_gid}
Attachments | getAttachmentsForObject GET /attachments
Attachments | createAttachmentForObject POST /attachments
Attachments | getAttachment GET /attachments/{attachment_gid}
Attachments | deleteAttachment DELETE /attachments/{attachment_gid}
Attachments | getAttachmentsForTask GET /tasks/{task_gid}/attachments
Attachments | createAttachmentForTask POST /tasks/{task_gid}/attachments
Audit log API | getAuditLogEvents GET /workspaces/{workspace_gid}/audit_log_events
Budgets | getBudgets GET /budgets
Budgets | createBudget POST /budgets
Budgets | getBudget GET /budgets/{budget_gid}
Budgets | updateBudget PUT /budgets/{budget_gid}
Budgets | deleteBudget DELETE /budgets/{budget_gid}
Custom field settings | getCustomFieldSettingsForGoal GET /goals/{goal_gid}/custom_field_settings
Custom field settings | getCustomFieldSettingsForPortfolio GET /portfolios/{portfolio_gid}/custom_field_settings
Custom field settings | getCustomFieldSettingsForProject GET /projects/{project_gid}/custom_field_settings
Custom field settings | getCustomFieldSettingsForTeam GET /teams/{team_gid}/custom_field_settings
Custom fields | createCustomField POST /custom_fields
Custom fields | getCustomField GET /custom_fields/{custom_field_gid}
Custom fields | updateCustomField PUT /custom_fields/{custom_field_gid}
Custom fields | deleteCustomField DELETE /custom_fields/{custom_field_gid}
Custom fields | createEnumOptionForCustomField POST /custom_fields/{custom_field_gid}/enum_options
Custom fields | insertEnumOptionForCustomField POST /custom_fields/{custom_field_gid}/enum_options/insert
Custom fields | updateEnumOption PUT /enum_options/{enum_option_gid}
Custom fields | getCustomFieldsForWorkspace GET /workspaces/{workspace_gid}/custom_fields
Custom types | getCustomTypes GET /custom_types
Custom types | getCustomType GET /custom_types/{custom_type_gid}
Exports | createGraphExport POST /exports/graph
Exports | createResourceExport POST /exports/resource
Goal relationships | getGoalRelationships GET /goal_relationships
Goal relationships | getGoalRelationship GET /goal_relationships/{goal_relationship_gid}
Goal relationships | updateGoalRelationship PUT /goal_relationships/{goal_relationship_gid}
Goal relationships | addSupportingRelationship POST /goals/{goal_gid}/addSupportingRelationship
Goal relationships | removeSupportingRelationship POST /goals/{goal_gid}/removeSupportingRelationship
Goals | getGoals GET /goals
Goals | createGoal POST /goals
Goals | getGoal GET /goals/{goal_gid}
Goals | updateGoal PUT /goals/{goal_gid}
Goals | deleteGoal DELETE /goals/{goal_gid}
Goals | addCustomFieldSettingForGoal POST /goals/{goal_gid}/addCustomFieldSetting
Goals | addFollowers POST /goals/{goal_gid}/addFollowers
Goals | getParentGoalsForGoal GET /goals/{goal_gid}/parentGoals
Goals | removeCustomFieldSettingForGoal POST /goals/{goal_gid}/removeCustomFieldSetting
Goals | removeFollowers POST /goals/{goal_gid}/removeFollowers
Goals | createGoalMetric POST /goals/{goal_gid}/setMetric
Goals | updateGoalMetric POST /goals/{goal_gid}/setMetricCurrentValue
Memberships | getMemberships GET /memberships
Memberships | createMembership POST /memberships
Memberships | getMembership GET /memberships/{membership_gid}
Memberships | updateMembership PUT /memberships/{membership_gid}
Memberships | deleteMembership DELETE /memberships/{membership_gid}
Ooo entries | getOooEntries GET /ooo_entries
Ooo entries | createOooEntry POST /ooo_entries
Ooo entries | getOooEntry GET /ooo_entries/{ooo_entry_gid}
Ooo entries | updateOooEntry PUT /ooo_entries/{ooo_entry_gid}
Ooo entries | deleteOooEntry DELETE /ooo_entries/{ooo_entry_gid}
Organization exports | createOrganizationExport POST /organization_exports
Organization exports | getOrganizationExport GET /organization_exports/{organization_export_gid}
Portfolio memberships | getPortfolioMemberships GET /portfolio_memberships
Portfolio memberships | getPortfolioMembership GET /portfolio_memberships/{portfolio_membership_gid}
Portfolio memberships | getPortfolioMembershipsForPortfolio GET /portfolios/{portfolio_gid}/portfolio_memberships
Portfolios | getPortfolios GET /portfolios
Portfolios | createPortfolio POST /portfolios
Portfolios | getPortfolio GET /portfolios/{portfolio_gid}
Portfolios | updatePortfolio PUT /portfolios/{portfolio_gid}
Portfolios | deletePortfolio DELETE /portfolios/{portfolio_gid}
Portfolios | addCustomFieldSettingForPortfolio POST /portfolios/{portfolio_gid}/addCustomFieldSetting
Portfolios | addItemForPortfolio POST /portfolios/{portfolio_gid}/addItem
Portfolios | addMembersForPortfolio POST /portfolios/{portfolio_gid}/addMembers
Portfolios | duplicatePortfolio POST /portfolios/{portfolio_gid}/duplicate
Portfolios | getItemsForPortfolio GET /portfolios/{portfolio_gid}/items
Portfolios | removeCustomFieldSettingForPortfolio POST /portfolios/{portfolio_gid}/removeCustomFieldSetting
Portfolios | removeItemForPortfolio POST /portfolios/{portfolio_gid}/removeItem
Portfolios | removeMembersForPortfolio POST /portfolios/{portfolio_gid}/removeMembers
Project briefs | getProjectBrief GET /project_briefs/{project_brief_gid}
Project briefs | updateProjectBrief PUT /project_briefs/{project_brief_gid}
Project briefs | deleteProjectBrief DELETE /project_briefs/{project_brief_gid}
Project briefs | createProjectBrief POST /projects/{project_gid}/project_briefs
Project memberships | getProjectMembership GET /project_memberships/{project_membership_gid}
Project memberships | getProjectMembershipsForProject GET /projects/{project_gid}/project_memberships
Project portfolio settings | getProjectPortfolioSettingsForPortfolio GET /portfolios/{portfolio_gid}/project_portfolio_settings
Project portfolio settings | getProjectPortfolioSetting GET /project_portfolio_settings/{project_portfolio_setting_gid}
Project portfolio settings | updateProjectPortfolioSetting PUT /project_portfolio_settings/{project_portfolio_setting_gid}
Project portfolio settings | getProjectPortfolioSettingsForProject GET /projects/{project_gid}/project_portfolio_settings
Project statuses | getProjectStatus GET /project_statuses/{project_status_gid}
Project statuses | deleteProjectStatus DELETE /project_statuses/{project_status_gid}
Project statuses | getProjectStatusesForProject GET /projects/{project_gid}/project_statuses
Project statuses | createProjectStatusForProject POST /projects/{project_gid}/project_statuses
Project templates | getProjectTemplates GET /project_templates
Project templates | getProjectTemplate GET /project_templates/{project_template_gid}
Project templates | deleteProjectTemplate DELETE /project_templates/{project_template_gid}
Project templates | instantiateProject POST /project_templates/{project_template_gid}/instantiateProject
Project templates | getProjectTemplatesForTeam GET /teams/{team_gid}/project_templates
Projects | addCustomFieldSettingForProject POST /projects/{project_gid}/addCustomFieldSetting
Projects | removeCustomFieldSettingForProject POST /projects/{project_gid}/removeCustomFieldSetting
Projects | projectSaveAsTemplate POST /projects/{project_gid}/saveAsTemplate
Rates | getRates GET /rates
Rates | createRate POST /rates
Rates | getRate GET /rates/{rate_gid}
Rates | updateRate PUT /rates/{rate_gid}
Rates | deleteRate DELETE /rates/{rate_gid}
Reactions | getReactionsOnObject GET /reactions
Roles | getRoles GET /roles
Roles | createRole POST /roles
Roles | getRole GET /roles/{role_gid}
Roles | updateRole PUT /roles/{role_gid}
Roles | deleteRole DELETE /roles/{role_gid}
Rules | triggerRule POST /rule_triggers/{rule_trigger_gid}/run
Status updates | getStatusesForObject GET /status_updates
Status updates | createStatusForObject POST /status_updates
Status updates | getStatus GET /status_updates/{status_update_gid}
Status updates | deleteStatus DELETE /status_updates/{status_update_gid}
Stories | getStoriesForGoal GET /goals/{goal_gid}/stories
Stories | createStoryForGoal POST /goals/{goal_gid}/stories
Task templates | getTaskTemplates GET /task_templates
Task templates | getTaskTemplate GET /task_templates/{task_template_gid}
Task templates | deleteTaskTemplate DELETE /task_templates/{task_template_gid}
Task templates | instantiateTask POST /task_templates/{task_template_gid}/instantiateTask
Tasks | getTaskForCustomID GET /workspaces/{workspace_gid}/tasks/custom_id/{custom_id}
Time periods | getTimePeriods GET /time_periods
Time periods | getTimePeriod GET /time_periods/{time_period_gid}
Time tracking categories | getTimeTrackingCategories GET /time_tracking_categories
Time tracking categories | createTimeTrackingCategory POST /time_tracking_categories
Time tracking categories | getTimeTrackingCategory GET /time_tracking_categories/{time_tracking_category_gid}
Time tracking categories | updateTimeTrackingCategory PUT /time_tracking_categories/{time_tracking_category_gid}
Time tracking categories | deleteTimeTrackingCategory DELETE /time_tracking_categories/{time_tracking_category_gid}
Time tracking categories | getTimeTrackingEntriesForTimeTrackingCategory GET /time_tracking_categories/{time_tracking_category_gid}/time_tracking_entries
Time tracking entries | getTimeTrackingEntriesForTask GET /tasks/{task_gid}/time_tracking_entries
Time tracking entries | createTimeTrackingEntry POST /tasks/{task_gid}/time_tracking_entries
Time tracking entries | getTimeTrackingEntries GET /time_tracking_entries
Time tracking entries | getTimeTrackingEntry GET /time_tracking_entries/{time_tracking_entry_gid}
Time tracking entries | updateTimeTrackingEntry PUT /time_tracking_entries/{time_tracking_entry_gid}
Time tracking entries | deleteTimeTrackingEntry DELETE /time_tracking_entries/{time_tracking_entry_gid}
Timesheet approval statuses | getTimesheetApprovalStatuses GET /timesheet_approval_statuses
Timesheet approval statuses | createTimesheetApprovalStatus POST /timesheet_approval_statuses
Timesheet approval statuses | getTimesheetApprovalStatus GET /timesheet_approval_statuses/{timesheet_approval_status_gid}
Timesheet approval statuses | updateTimesheetApprovalStatus PUT /timesheet_approval_statuses/{timesheet_approval_status_gid}
Webhooks | getWebhooks GET /webhooks
Webhooks | createWebhook POST /webhooks
Webhooks | getWebhook GET /webhooks/{webhook_gid}
Webhooks | updateWebhook PUT /webhooks/{webhook_gid}
Webhooks | deleteWebhook DELETE /webhooks/{webhook_gid}
"""  # noqa: E501 - one operation a line


async def _refuse(call: Call, view: View) -> Outcome:
    raise not_built()


def _operation(line: str) -> Operation:
    tag, _, rest = line.partition(" | ")
    id, method, path = rest.split(" ")
    return Operation(
        id=id,
        method=cast("Method", method),
        path=path,
        run=_refuse,
        tag=tag,
        batchable=id not in UNBATCHED,
        alias=id in ALIASES,
        built=False,
    )


KINDS: tuple[Kind, ...] = ()
OPERATIONS = tuple(_operation(line) for line in NOT_YET.strip().splitlines())
