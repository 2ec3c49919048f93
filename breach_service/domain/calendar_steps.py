"""What each step in the reckoning of a term does, and the sentence that says so."""

from enum import StrEnum

from breach_service.domain.text import Text


class StepRule(StrEnum):
    """What one step of a reckoning does."""

    TRIGGER = "trigger"
    ELAPSED_HOURS = "elapsed_hours"
    CALENDAR_MONTHS = "calendar_months"
    LAST_DAY_OF_MONTH = "last_day_of_month"
    CLOCK_CHANGE = "clock_change"
    EVENT_HOUR_NOT_COUNTED = "event_hour_not_counted"
    LAST_HOUR_EXPIRES = "last_hour_expires"
    SHORTER_THAN_TWO_DAYS = "shorter_than_two_days"
    TWO_WORKING_DAYS = "two_working_days"
    ONE_WORKING_DAY = "one_working_day"
    NO_WORKING_DAY = "no_working_day"
    NOT_MOVED_OFF_DAY_OFF = "not_moved_off_day_off"
    EXTENDED_TO_SECOND_WORKING_DAY = "extended_to_second_working_day"
    TWO_WHOLE_WORKING_DAYS = "two_whole_working_days"
    EXTENDED_TO_SECOND_WHOLE_WORKING_DAY = "extended_to_second_whole_working_day"


SENTENCES: dict[StepRule, Text] = {
    StepRule.TRIGGER: Text(
        fr="Le délai se compte à partir du {at}.",
        en="The term is counted from {at}.",
    ),
    StepRule.ELAPSED_HOURS: Text(
        fr="Le délai de {hours} court sans interruption, nuits, week-ends et jours fériés compris : il expire le {at}.",
        en="The term of {hours} runs without a break, nights, weekends and public holidays included: it ends on {at}.",
    ),
    StepRule.CALENDAR_MONTHS: Text(
        fr="Le délai de {months} se compte de quantième à quantième, à la même heure locale : il expire le {at}.",
        en="The term of {months} runs to the same day of the month at the same local time: it ends on {at}.",
    ),
    StepRule.LAST_DAY_OF_MONTH: Text(
        fr="Le mois d’arrivée n’a pas de {day_of_month} : son dernier jour est retenu.",
        en="The month in which it ends has no day {day_of_month}: its last day is taken.",
    ),
    StepRule.CLOCK_CHANGE: Text(
        fr="L’heure légale change entre-temps (UTC{before}, puis UTC{after}) : ce sont les heures réellement "
        "écoulées qui comptent, l’heure affichée à l’échéance s’en trouve décalée.",
        en="The clocks change in between (UTC{before}, then UTC{after}): hours that really elapse are counted, "
        "so that the clock shows another time at the end.",
    ),
    StepRule.EVENT_HOUR_NOT_COUNTED: Text(
        fr="L’heure au cours de laquelle survient l’événement n’est pas comptée (règlement 1182/71, art. 3(1)) : "
        "la période commence le {at}.",
        en="The hour during which the event occurs is not counted (Regulation 1182/71, Art. 3(1)): "
        "the period starts on {at}.",
    ),
    StepRule.LAST_HOUR_EXPIRES: Text(
        fr="La période de {hours} comprend les week-ends et les jours fériés (art. 3(3)) et prend fin à "
        "l’expiration de sa dernière heure (art. 3(2)(a)) : le {at}.",
        en="The period of {hours} includes weekends and public holidays (Art. 3(3)) and ends when its last hour "
        "expires (Art. 3(2)(a)): on {at}.",
    ),
    StepRule.SHORTER_THAN_TWO_DAYS: Text(
        fr="La période dure moins de deux jours : elle n’a pas à comprendre deux jours ouvrables (art. 3(5)).",
        en="The period is shorter than two days: it need not include two working days (Art. 3(5)).",
    ),
    StepRule.TWO_WORKING_DAYS: Text(
        fr="La période touche au moins deux jours ouvrables, comme le veut l’article 3(5) : {working_days}."
        "{public_holidays}",
        en="The period touches at least two working days, as Art. 3(5) asks: {working_days}.{public_holidays}",
    ),
    StepRule.ONE_WORKING_DAY: Text(
        fr="La période ne touche qu’un seul jour ouvrable : {working_days}.{public_holidays}",
        en="The period touches one working day only: {working_days}.{public_holidays}",
    ),
    StepRule.NO_WORKING_DAY: Text(
        fr="La période ne touche aucun jour ouvrable.{public_holidays}",
        en="The period touches no working day.{public_holidays}",
    ),
    StepRule.NOT_MOVED_OFF_DAY_OFF: Text(
        fr="Elle prend fin un samedi, un dimanche ou un jour férié, mais une période exprimée en heures n’est pas "
        "reportée pour autant (art. 3(4)).",
        en="It ends on a Saturday, a Sunday or a public holiday, but that does not move the end of a period "
        "expressed in hours (Art. 3(4)).",
    ),
    StepRule.EXTENDED_TO_SECOND_WORKING_DAY: Text(
        fr="Toute période de deux jours ou plus comprend au moins deux jours ouvrables (art. 3(5)) : celle-ci est "
        "prolongée jusqu’à la fin du {day}, soit le {at}.",
        en="A period of two days or more includes at least two working days (Art. 3(5)): this one is extended to "
        "the end of {day}, that is to {at}.",
    ),
    StepRule.TWO_WHOLE_WORKING_DAYS: Text(
        fr="La période comprend deux jours ouvrables entiers (art. 3(5)).",
        en="The period holds two complete working days (Art. 3(5)).",
    ),
    StepRule.EXTENDED_TO_SECOND_WHOLE_WORKING_DAY: Text(
        fr="À ne compter que les jours ouvrables entiers (art. 3(5), lecture que rien ne confirme), la période va "
        "jusqu’à la fin du {day}, soit le {at}.",
        en="Counting complete working days only (Art. 3(5), a reading that nothing confirms), the period runs to the "
        "end of {day}, that is to {at}.",
    ),
}
"""With the local instant as `{at}` and the other parameters of the step in words."""
