"""What holds for a proposal that a workflow in Slack made, whatever it asks for.

Slack says who started the workflow, and nobody can set another person there. But whoever built it may have chosen all
that it asks for, and may be an approver: with one approval they could bring through alone what its requester never
read. So it takes two approvers, neither of them the requester, and its card says why.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.policies.case import Assessment
from bot.domain.requests.request import RequestWarning

#: One of them may be who built the workflow, which Slack doesn't tell.
APPROVALS = 2

BY_WORKFLOW = RequestWarning(
    code="by_workflow",
    text="A workflow in Slack proposed this. Whoever built it may have chosen what stands here, and the requester "
    "started it. So it takes at least two approvers.",
)


def by_workflow(assessment: Assessment) -> Assessment:
    """The same assessment for what a workflow proposes: with the warning, and no less than two approvals."""
    warnings = (*assessment.warnings, BY_WORKFLOW)
    return replace(assessment, warnings=warnings, approvals_needed=max(APPROVALS, assessment.approvals_needed))
