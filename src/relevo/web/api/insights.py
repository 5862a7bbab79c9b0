"""`/insights`: how the shop is doing. What each figure means stands in docs/insights.md."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from relevo.crm.hours import PeopleHours
from relevo.errors import InvalidRequestError
from relevo.insights.figures import insights
from relevo.insights.periods import Period, chosen_period, named_period, zone_of
from relevo.insights.report import Insights, Point
from relevo.store.database import Database, fetch_one
from relevo.web.api.access import Caller, Db, Me

router = APIRouter(tags=["insights"])


class PeriodWanted(BaseModel):
    """Which days: a named period, or `from` and `to`."""

    period: Literal["today", "7d", "30d"] | None = Field(default=None, description="Until now; 7 days without any.")
    from_: date | None = Field(default=None, alias="from", description="The first day, in the time zone.")
    to: date | None = Field(default=None, description="The last day, included; left out: today.")
    timezone: str | None = Field(
        default=None,
        max_length=64,
        examples=["America/Bogota"],
        description="Left out: that of `people_hours`, or UTC.",
    )


Wanted = Annotated[PeriodWanted, Query()]


@router.get("/insights")
async def get_insights(me: Me, db: Db, wanted: Wanted) -> Insights:
    """Show the figures of a period beside those of the period before, with a series for charts."""
    return await insights(db, me.workspace_id, await _period(db, me, wanted))


@router.get(
    "/insights.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "One line for each day."}},
)
async def get_insights_csv(me: Me, db: Db, wanted: Wanted) -> Response:
    """Return the series as CSV, with a heading; times in the time zone asked for."""
    found = await insights(db, me.workspace_id, await _period(db, me, wanted))
    zone = zone_of(found.timezone)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(Point.model_fields))
    writer.writeheader()
    for point in found.series:
        at = point.at.astimezone(zone)
        day = at.isoformat() if found.unit == "hour" else at.date().isoformat()
        writer.writerow({**point.model_dump(), "at": day})
    name = f"insights-{found.period.start.astimezone(zone):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _period(db: Database, me: Caller, wanted: PeriodWanted) -> Period:
    zone = zone_of(wanted.timezone or await _shop_zone(db, me))
    now = datetime.now(UTC)
    if wanted.from_ is None:
        if wanted.to is not None:
            raise InvalidRequestError("Say from when: `to` alone is no period.", where="from")
        return named_period(wanted.period or "7d", zone, now)
    if wanted.period is not None:
        raise InvalidRequestError("Either `period`, or `from` and `to`.", where="period")
    return chosen_period(wanted.from_, wanted.to or now.astimezone(zone).date(), zone, now)


async def _shop_zone(db: Database, me: Caller) -> str:
    async with db.reading() as connection:
        row = await fetch_one(
            connection,
            "select people_hours from agent_configs where workspace_id = %(workspace)s",
            {"workspace": me.workspace_id},
        )
    hours = PeopleHours.read(row["people_hours"]) if row else None
    return str(hours.zone) if hours is not None else "UTC"
