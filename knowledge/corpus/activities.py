"""From the plan to activities: the work itself, its funders' and partners' records, programmes, phases and copies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from knowledge.corpus.inputs import LANGUAGE_OF, load, organisations, services, works
from knowledge.corpus.model import REFERENCE_DATE, Activity, Participant, Work
from knowledge.corpus.money import CURRENCY, fill_flows, grant_flows
from knowledge.corpus.outcomes import fill_results
from knowledge.corpus.prose import Writer

FUNDER_LANGUAGE = {"ACVA": "es", "LUCER": "es", "ACMC": "fr"}
COPIER = "PAFO"


def status_of(start: date, end: date) -> str:
    """The status a careful publisher would report on the reference date."""
    if start > REFERENCE_DATE:
        return "1"
    if end >= REFERENCE_DATE:
        return "2"
    return "3" if end > REFERENCE_DATE - timedelta(days=90) else "4"


class Corpus:
    """All activities by key, and the facts of the plan that the planted list is made from."""

    def __init__(self) -> None:
        self.activities: dict[str, Activity] = {}
        self.works: dict[str, Work] = dict(works())
        self.chains: list[tuple[str, str, str]] = []
        self.families: list[tuple[str, str, str]] = []
        self.copies: list[tuple[str, str]] = []
        self.name_variants: list[tuple[str, str, str]] = []
        self._writer = Writer()
        self._issued: dict[str, int] = {}

    # -- identifiers and people -------------------------------------------------------------------------------------

    def new(self, key: str, publisher: str, tier: str, work: Work, language: str, countries: list[str]) -> Activity:
        organisation = organisations()[publisher]
        turn = self._issued.get(publisher, 0)
        self._issued[publisher] = turn + 1
        country = countries[0] if len(countries) == 1 else "GL"
        identifier = organisation.ids.format(
            ref=organisation.ref, cc=country, n=organisation.first + turn * organisation.step
        )
        rng = Random(f"activity/{key}")
        service = services()[work.do]
        share = rng.choice((100, 80, 70, 60)) if service.also else 100
        sectors: list[tuple[str, str, int | None]] = [("1", service.dac, share)]
        if share < 100:
            sectors.append(("1", service.also, 100 - share))
        if service.cluster and ("hum" in work.flags or rng.random() < 0.35):
            sectors.append(("10", service.cluster, 100))
        if rng.random() < 0.45:
            sectors.append(("7", service.sdg, 100))
        activity = Activity(
            key=key,
            identifier=identifier,
            publisher=organisation,
            tier=tier,
            service=work.do,
            countries=dict.fromkeys(countries),
            places=list(work.at),
            start=work.start,
            end=work.end,
            status=status_of(work.start, work.end),
            language=language,
            sectors=sectors,
            on_transactions="txn" in work.flags,
            humanitarian="hum" in work.flags,
            currency=CURRENCY.get(publisher, "USD"),
            locations_bare=rng.random() < 0.2,
            gender=rng.choice(("", "", "1", "2")) if work.do not in ("gbv", "maternal") else "2",
        )
        if len(countries) == 1 and rng.random() < 0.6:
            activity.countries[countries[0]] = 100
        self.activities[key] = activity
        return activity

    def participant(
        self, of: Activity, key: str, role: str, activity_id: str = "", *, nameless_ref: bool = False
    ) -> Participant:
        """A participating organisation as `of` writes it; one in five names is a variant."""
        organisation = organisations()[key]
        rng = Random(f"participant/{of.key}/{key}/{role}")
        name = organisation.name
        if organisation.variants and organisation.key != of.publisher.key and rng.random() < 0.2:
            name = rng.choice(organisation.variants)
            self.name_variants.append((of.key, name, organisation.name))
        ref = "" if nameless_ref or rng.random() < 0.12 else organisation.ref
        return Participant(organisation, role, name, ref, activity_id)

    # -- the work itself --------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Everything, in the order in which the identifiers are issued."""
        for work in works().values():
            self._work(work)
        self._phases()
        for work in works().values():
            self._upstream(work)
            for partner in work.reporting_partners:
                self._downstream(work, partner)
        self._frames()
        self._tie()
        for work in works().values():
            if "sec" in work.flags:
                self._copy(work)

    def _work(self, work: Work, tier: str = "work") -> Activity:
        language = work.language or LANGUAGE_OF[work.country]
        activity = self.new(work.key, work.by, tier, work, language, [work.country])
        service = services()[work.do]
        rng = Random(f"size/{work.key}")
        reached = max(100, round(service.scale * rng.uniform(0.5, 1.7) / 100) * 100)
        size = (reached, max(20, round(reached * rng.uniform(0.08, 0.28) / 10) * 10))
        if "own" in work.flags:
            activity.audience = "own"
        if "stale" in work.flags:
            activity.status = "2"
        self._writer.work(activity, work, size)
        if "bi" in work.flags:
            self._writer.summary(activity, service.label["en"], reached)
        activity.amount = round(reached * service.unit * rng.uniform(0.8, 1.2) / 1000) * 1000
        fill_results(activity, size, work.flags)
        general = load("general.yml")[language]
        if rng.random() < 0.4:
            category = "A07" if activity.status == "4" else rng.choice(("A02", "A08"))
            activity.documents.append((general["doc"][category], category, language))
        return activity

    def _phases(self) -> None:
        for phase in load("families.yml")["phases"]:
            before = works()[phase["of"]]
            flags = frozenset(before.flags - {"r+", "r-", "stale", "sec"})
            after = replace(
                before,
                key=phase["key"],
                start=phase["start"],
                end=phase["end"],
                link="n",
                flags=flags,
                reporting_partners=(),
            )
            self.works[after.key] = after
            activity = self._work(after, "phase")
            earlier = self.activities[before.key]
            previous = earlier.titles[earlier.language]
            sentence = load("general.yml")[activity.language]["phase"].format(prev=quoted(previous, activity.language))
            kind, language, text = activity.descriptions[0]
            activity.descriptions[0] = (kind, language, f"{sentence} {text}")
            activity.related.append(("3", earlier.identifier))
            self.families.append((before.key, after.key, "successive phases of one project"))

    # -- other people's records of the same work --------------------------------------------------------------------

    def _upstream(self, work: Work) -> None:
        """The funder's record, where the plan says that it publishes one."""
        if work.link not in "ds" or not work.funders or not organisations()[work.funders[0]].publishes:
            return
        funder, key = work.funders[0], f"{work.key}.up"
        rng = Random(f"upstream/{key}")
        language = FUNDER_LANGUAGE.get(funder, "en")
        granted = replace(
            work, start=work.start - timedelta(days=rng.choice((0, 15, 31, 61))), end=work.end, flags=frozenset()
        )
        activity = self.new(key, funder, "upstream", granted, language, [work.country])
        codes = [code for code, _ in work.at]
        if rng.random() < 0.5:
            activity.places = []
        by = organisations()[work.by]
        self._writer.funder(
            activity, services()[work.do].label[language], rng.choice((by.name, by.name, *by.variants)), codes
        )
        activity.humanitarian = "hum" in work.flags
        activity.amount = round(self.activities[work.key].amount * rng.choice((1.0, 0.85, 0.7)) / 1000) * 1000
        self.chains.append((key, work.key, {"d": "declared", "s": "silent"}[work.link]))

    def _downstream(self, work: Work, partner: str) -> None:
        """The partner's own record of its share of the work."""
        key = f"{work.key}.down"
        share = replace(
            work, key=key, by=partner, at=work.at[:1], partners=(), funders=(work.by,), language="", flags=frozenset()
        )
        self.works[key] = share
        activity = self._work(share, "downstream")
        lead = organisations()[work.by].name
        sentence = load("general.yml")[activity.language]["sub"].format(lead=lead)
        kind, language, text = activity.descriptions[0]
        activity.descriptions[0] = (kind, language, f"{text} {sentence}")
        activity.amount = round(self.activities[work.key].amount * 0.3 / 1000) * 1000
        self.chains.append((work.key, key, "declared" if work.link == "d" else "named"))

    def _frames(self) -> None:
        for frame in load("families.yml")["frames"]:
            held = [self.activities[key] for key in frame["holds"]]
            countries = list(dict.fromkeys(code for child in held for code in child.countries))
            work = Work(
                frame["key"],
                frame["by"],
                frame["do"],
                (),
                frame["start"],
                frame["end"],
                (frame["fund"],),
                "n",
                (),
                (),
                frozenset({"hum"} if held[0].humanitarian else ()),
            )
            self.works[frame["key"]] = work
            activity = self.new(frame["key"], frame["by"], "frame", work, frame["lang"], countries)
            if len(countries) > 1:
                even = 100 // len(countries)
                activity.countries = dict.fromkeys(countries, even)
                activity.countries[countries[0]] = 100 - even * (len(countries) - 1)
            general = load("general.yml")[frame["lang"]]
            activity.titles[frame["lang"]] = frame["name"]
            label = services()[frame["do"]].label[frame["lang"]]
            parent = general["parent"].format(name=quoted(frame["name"], frame["lang"]))
            activity.descriptions.append(("1", frame["lang"], f"{parent} {label[:1].upper()}{label[1:]}."))
            activity.amount = sum(child.amount for child in held)
            for child in held:
                activity.related.append(("2", child.identifier))
                child.related.append(("1", activity.identifier))
                self.families.append((frame["key"], child.key, "programme frame and component"))
            self.families += [
                (one.key, two.key, "components of one programme")
                for place, one in enumerate(held)
                for two in held[place + 1 :]
            ]
        held = [self.activities[key] for key in ("k76", "k77")]
        for child in held:
            child.related.append(("1", self.activities["k75"].identifier))
            self.activities["k75"].related.append(("2", child.identifier))
            self.families.append(("k75", child.key, "programme frame and component"))
        self.families.append(("k76", "k77", "components of one programme"))

    def _copy(self, work: Work) -> None:
        """A secondary reporter's record of the same work: shorter, later, from public reports."""
        original = self.activities[work.key]
        key = f"{work.key}.copy"
        activity = self.new(key, COPIER, "copy", replace(work, flags=frozenset()), "en", list(original.countries))
        rng = Random(f"copy/{key}")
        activity.secondary, activity.places = True, []
        activity.humanitarian = original.humanitarian
        language = original.language
        activity.language = language
        activity.titles = {language: original.titles[language]}
        first = original.descriptions[0][2].split(". ")[0].rstrip(".") + "."
        activity.descriptions = [("1", language, f"{first} {load('general.yml')[language]['copied']}")]
        activity.amount, activity.currency = original.amount, original.currency
        activity.participants = [
            self.participant(activity, one.organisation.key, one.role) for one in original.participants
        ]
        if rng.random() < 0.5:
            activity.other_identifiers.append(original.identifier)
        fill_flows(activity)
        self.copies.append((work.key, key))

    # -- who takes part, and the money ------------------------------------------------------------------------------

    def _tie(self) -> None:
        """Participants, identifiers on both sides where the plan declares them, and transactions."""
        for key, work in list(self.works.items()):
            activity = self.activities[key]
            link = work.link
            if key.endswith(".down"):
                parent = self.activities[key.removesuffix(".down")]
                declared = parent.identifier if link == "d" else ""
                activity.participants.append(self.participant(activity, parent.publisher.key, "1", declared))
                activity.participants.append(self.participant(activity, activity.publisher.key, "4"))
                fill_flows(activity)
                continue
            silent = link == "s"
            for place, funder in enumerate(work.funders):
                if silent and place == 0:
                    continue
                upstream = self.activities.get(f"{key}.up") if place == 0 else None
                identifier = upstream.identifier if upstream and link == "d" else ""
                activity.participants.append(self.participant(activity, funder, "1", identifier))
            activity.participants.append(self.participant(activity, work.by, "2"))
            for partner in work.partners:
                down = self.activities.get(f"{key}.down")
                identifier = down.identifier if down and partner in work.reporting_partners and link == "d" else ""
                activity.participants.append(self.participant(activity, partner, "4", identifier))
            if not work.partners:
                activity.participants.append(self.participant(activity, work.by, "4"))
            self._say_who(activity, work)
            fill_flows(activity)
            upstream = self.activities.get(f"{key}.up")
            if upstream:
                grant_flows(self, upstream, activity, declared=link == "d")

    def _say_who(self, activity: Activity, work: Work) -> None:
        general = load("general.yml")[activity.language]
        kind, language, text = activity.descriptions[0]
        rng = Random(f"who/{activity.key}")
        if work.partners and rng.random() < 0.4:
            text += " " + general["partner"].format(impl=organisations()[work.partners[0]].name)
        if not work.funders and rng.random() < 0.6:
            text += " " + general["nofund"]
        activity.descriptions[0] = (kind, language, text)


def quoted(title: str, language: str) -> str:
    """A title in the quotation marks of the language."""
    return {"en": f"“{title}”", "es": f"«{title}»", "fr": f"«\N{NO-BREAK SPACE}{title}\N{NO-BREAK SPACE}»"}[language]
