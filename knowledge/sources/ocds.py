"""Contracting processes in the Open Contracting Data Standard (OCDS 1.1): who buys what from whom, for how much.

The buyer and the procuring entity answer for the process, funders pay, suppliers of contracts and awards that stand
implement. Tenderers who won nothing are not participants, and contact points are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.records import (
    Contact,
    Document,
    Item,
    Link,
    Locator,
    Money,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from knowledge.sources import json_files
from knowledge.sources.country_forms import country_written
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.ocds_merge import Process, is_ocds, packages, processes
from knowledge.sources.values import Element, latest, line, lines, mapping, objects, prose, records, web

_VOID = frozenset({"cancelled", "unsuccessful", "withdrawn"})
_OF_CONTRACT = {"pending": "pipeline", "active": "implementation", "terminated": "closed", "cancelled": "cancelled"}
_OF_TENDER = {
    **dict.fromkeys(("planning", "planned", "active", "complete"), "pipeline"),
    **dict.fromkeys(_VOID, "cancelled"),
}
_DAC = ("dac", "oecd-dac", "oecd dac", "iati-sector")
_MOST_OF_A_LIST = 2_000


def read_processes(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a contract record per contracting process. Raises `guard.Refused` where the file is no JSON."""
    found = {process.label: process for process in processes(json_files.load(path))}

    def build(release: dict[str, Any], element: Element) -> Record | None:
        return _record(found[element.label], release, element)

    yield from records(path, ((label, process.merged()) for label, process in found.items()), build)


def _record(process: Process, release: dict[str, Any], element: Element) -> Record | None:
    if not process.ocid:
        element.left_out("no ocid", "Give the contracting process its ocid")
        return None
    if not release:
        element.left_out(
            f"{process.ocid} only links to its releases", "Publish the compiledRelease, or the releases themselves"
        )
        return None
    return _Reading(process, release, element).record()


class _Reading:
    """One merged release. Cancelled awards and contracts keep their number among the extras and nothing else."""

    def __init__(self, process: Process, release: dict[str, Any], element: Element) -> None:
        self._process = process
        self._release = release
        self._element = element
        self._planning = mapping(release.get("planning"))
        self._budget = mapping(self._planning.get("budget"))
        self._tender = mapping(release.get("tender"))
        self._all_awards = objects(release.get("awards"))[:_MOST_OF_A_LIST]
        self._all_contracts = objects(release.get("contracts"))[:_MOST_OF_A_LIST]
        self._awards = [one for one in self._all_awards if _status(one) not in _VOID]
        self._contracts = [one for one in self._all_contracts if _status(one) not in _VOID]
        self._parties = {line(party.get("id")): party for party in objects(release.get("parties"))}

    def record(self) -> Record:
        title = self._title()
        buyers = self._named("buyer", self._release.get("buyer"), self._tender.get("procuringEntity"))
        suppliers = self._suppliers()
        organisations = tuple(
            dict.fromkeys(
                [
                    *(self._mention(Role.FUNDING, one) for one in self._funders(buyers)),
                    *(self._mention(Role.ACCOUNTABLE, one) for one in buyers),
                    *(self._mention(Role.IMPLEMENTING, one) for one in suppliers),
                ]
            )
        )
        if not organisations:
            self._element.note("no-organisation", "neither buyer nor supplier: name them")
        if not title:
            self._element.note("missing-title", "no title: give the tender a title that says what is bought")
        places = self._places(buyers)
        money = self._money(organisations)
        release = self._release
        return Record(
            id=self._process.ocid,
            kind=RecordKind.CONTRACT,
            title=title or self._process.ocid,
            locator=Locator(self._element.label),
            language=line(release.get("language")).casefold()[:8],
            texts=self._texts(title),
            organisations=organisations,
            places=places,
            themes=self._themes(),
            period=self._period(),
            status=self._standing(),
            reported_on=self._element.day(release.get("date"), "date")
            or latest(r.get("date") for r in self._process.releases),
            money=money,
            links=self._links(),
            documents=self._documents(),
            contacts=self._contacts(organisations),
            notes=tuple(self._element.notes),
            extra=self._extra(),
        )

    # --- what -------------------------------------------------------------------------------------------------------

    def _stages(self) -> list[dict[str, Any]]:
        return [self._tender, *self._awards, *self._contracts]

    def _title(self) -> str:
        project = self._planning.get("project") or self._budget.get("project")
        titles = [line(stage.get("title")) for stage in self._stages()]
        return next(filter(None, [*titles, line(mapping(project).get("title")) or line(project)]), "")

    def _texts(self, title: str) -> tuple[Text, ...]:
        found = [Text("objectives", prose(self._planning.get("rationale")))]
        found += [Text("general", prose(stage.get("description"))) for stage in self._stages()]
        found += [Text("other", line(stage.get("title"))) for stage in self._stages()]
        found += [Text("other", prose(item.get("description"))) for item in self._items()]
        kept: dict[str, Text] = {}
        for text in found:
            if text.text and text.text != title:
                kept.setdefault(text.text, text)
        return tuple(kept.values())

    def _items(self) -> list[dict[str, Any]]:
        return [item for stage in self._stages() for item in objects(stage.get("items"))][:_MOST_OF_A_LIST]

    def _themes(self) -> tuple[ThemeMention, ...]:
        """Only classifications by the aid sectors of the DAC: those of goods and works name no theme."""
        found = (
            ThemeMention("1", line(one.get("id")), line(one.get("description")))
            for item in self._items()
            for one in (mapping(item.get("classification")), *objects(item.get("additionalClassifications")))
            if line(one.get("scheme")).casefold() in _DAC
        )
        return tuple(dict.fromkeys(found))

    # --- who --------------------------------------------------------------------------------------------------------

    def _named(self, role: str, *stated: object) -> list[dict[str, Any]]:
        """Parties stated in a field or bearing a role, each once."""
        found = {line(one.get("id")) or line(one.get("name")): one for value in stated for one in objects(value)}
        for key, party in self._parties.items():
            if role in lines(party.get("roles")):
                found.setdefault(key, party)
        return list(found.values())

    def _suppliers(self) -> list[dict[str, Any]]:
        contracted = {line(contract.get("awardID")) for contract in self._contracts}
        awards = [one for one in self._awards if not contracted or line(one.get("id")) in contracted]
        stated = [one for stage in (*awards, *self._contracts) for one in objects(stage.get("suppliers"))]
        if not self._all_awards and not self._all_contracts:
            return []
        return list({line(one.get("id")) or line(one.get("name")): one for one in stated}.values())

    def _funders(self, buyers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Who pays: parties with that role, else the sources of the budget, else the buyer where it states a budget."""
        sources = [mapping(one.get("sourceParty")) for one in objects(self._budget.get("budgetBreakdown"))]
        found = self._named("funder", *(source for source in sources if source))
        return found or (buyers[:1] if self._budget else [])

    def _mention(self, role: Role, stated: dict[str, Any]) -> OrganisationMention:
        party = self._parties.get(line(stated.get("id")), stated)
        identifier = mapping(party.get("identifier")) or mapping(stated.get("identifier"))
        scheme, number = line(identifier.get("scheme")), line(identifier.get("id"))
        ref = number if not scheme or number.startswith(f"{scheme}-") else f"{scheme}-{number}" if number else ""
        name = line(party.get("name")) or line(stated.get("name")) or line(identifier.get("legalName"))
        kind = line(mapping(party.get("details")).get("kind"))
        return OrganisationMention(role, name, ref=ref or line(stated.get("id")), kind=kind)

    def _contacts(self, organisations: tuple[OrganisationMention, ...]) -> tuple[Contact, ...]:
        taking_part = {one.name for one in organisations}
        found = [
            Contact(name, url)
            for party in self._parties.values()
            if (name := line(party.get("name"))) in taking_part
            and (
                url := web(mapping(party.get("identifier")).get("uri")) or web(mapping(party.get("details")).get("url"))
            )
        ]
        return tuple(dict.fromkeys(found))

    # --- where ------------------------------------------------------------------------------------------------------

    def _places(self, buyers: list[dict[str, Any]]) -> tuple[PlaceMention, ...]:
        """Where it is delivered or done; else the buyer's address, which a note says."""
        found = []
        for holder in (self._tender, *self._contracts, *self._items()):
            addresses = [*objects(holder.get("deliveryAddress")), *objects(holder.get("deliveryAddresses"))]
            found += [_address(address) for address in addresses]
            for one in (*objects(holder.get("deliveryLocation")), *objects(holder.get("deliveryLocations"))):
                found.append(self._location(one))
        for contract in self._contracts:
            for one in objects(mapping(contract.get("implementation")).get("locations")):
                found.append(self._location(one))
        found = [place for place in found if place != PlaceMention()]
        if not found:
            parties = [self._parties.get(line(one.get("id")), one) for one in buyers]
            found = [place for one in parties if (place := _address(mapping(one.get("address")))) != PlaceMention()]
            if found:
                self._element.note(
                    "place-of-buyer", "no place of delivery, so the buyer's address stands for it: add deliveryAddress"
                )
        return tuple(dict.fromkeys(found))

    def _location(self, location: dict[str, Any]) -> PlaceMention:
        name = line(location.get("description")) or line(location.get("name"))
        coordinates = mapping(location.get("geometry")).get("coordinates")
        latitude = longitude = None
        # GeoJSON: longitude first
        if isinstance(coordinates, list) and len(coordinates) >= 2 and not isinstance(coordinates[0], list):
            latitude, longitude = self._element.position(coordinates[1], coordinates[0], "geometry")
        country = country_written(name)
        address = _address(mapping(location.get("address")))
        if address != PlaceMention():
            return PlaceMention(address.country, address.names, "", address.site or name, latitude, longitude)
        return PlaceMention(country, (), "", "" if country else name, latitude, longitude)

    # --- when -------------------------------------------------------------------------------------------------------

    def _period(self) -> Period:
        """From the contracts, else the awards, else the tender: the first start and the last end."""
        for stage, key in (
            (self._contracts, "period"),
            (self._awards, "contractPeriod"),
            ([self._tender], "contractPeriod"),
        ):
            found = [mapping(one.get(key)) for one in stage]
            starts = [day for one in found if (day := self._day(one, key, "startDate"))]
            ends = [
                day for one in found if (day := self._day(one, key, "endDate") or self._day(one, key, "maxExtentDate"))
            ]
            if starts or ends:
                start, end = min(starts, default=None), max(ends, default=None)
                if start is not None and end is not None and end < start:
                    self._element.note(
                        "end-before-start", f"ends on {end}, before it starts on {start}: check both dates"
                    )
                return Period(planned_start=start, planned_end=end)
        return Period()

    def _day(self, period: dict[str, Any], part: str, key: str) -> date | None:
        return self._element.day(period.get(key), f"{part} {key}")

    def _standing(self) -> str:
        """The status of the furthest stage: of the contracts, else of the awards, else of the tender."""
        if self._all_contracts:
            known = [_OF_CONTRACT.get(_status(one), "") for one in self._all_contracts]
            return next(
                (status for status in ("implementation", "pipeline", "closed", "cancelled") if status in known), ""
            )
        if self._all_awards:
            return "pipeline" if self._awards else "cancelled"
        return _OF_TENDER.get(_status(self._tender), "")

    # --- how much ---------------------------------------------------------------------------------------------------

    def _money(self, organisations: tuple[OrganisationMention, ...]) -> tuple[Money, ...]:
        """Stages of the same money have kinds of their own: budget, planned, awarded, contract, paid. Never add across
        them."""
        buyer = next((one.name for one in organisations if one.role is Role.ACCOUNTABLE), "")
        found = [
            self._amount("budget", self._budget.get("amount"), "planning.budget.amount"),
            self._amount("planned", self._tender.get("value"), "tender.value"),
            *(self._amount("awarded", one.get("value"), "award.value", one, buyer) for one in self._awards),
        ]
        for contract in self._contracts:
            suppliers = next(
                (one for one in self._awards if line(one.get("id")) == line(contract.get("awardID"))), contract
            )
            found.append(self._amount("contract", contract.get("value"), "contract.value", contract, buyer, suppliers))
            for one in objects(mapping(contract.get("implementation")).get("transactions")):
                value = one.get("value") or one.get("amount")
                payer, payee = (line(mapping(one.get(key)).get("name")) for key in ("payer", "payee"))
                paid = self._amount("paid", value, "transaction.value", {"date": one.get("date")})
                if paid is not None:
                    found.append(Money("paid", paid.amount, paid.currency, paid.start, None, payer or buyer, payee))
        return tuple(money for money in found if money is not None)

    def _amount(
        self,
        kind: str,
        value: object,
        part: str,
        stage: dict[str, Any] | None = None,
        provider: str = "",
        receivers: dict[str, Any] | None = None,
    ) -> Money | None:
        stated = mapping(value)
        amount = self._element.number(stated.get("amount"), part)
        if amount is None:
            return None
        currency = line(stated.get("currency")).upper()
        if not currency:
            self._element.note("no-currency", "an amount without its currency: give its three letters")
        stage = stage or {}
        on = self._element.day(stage.get("dateSigned") or stage.get("date"), f"{part} date")
        names = [self._mention(Role.IMPLEMENTING, one).name for one in objects((receivers or stage).get("suppliers"))]
        return Money(kind, amount, currency, on, None, provider, "; ".join(filter(None, names)))

    # --- the rest ---------------------------------------------------------------------------------------------------

    def _links(self) -> tuple[Link, ...]:
        found = [Link("other", line(self._budget.get("projectID")))]
        project = mapping(self._planning.get("project"))
        found.append(Link("other", line(project.get("id"))))
        related = [
            one for holder in (self._release, *self._contracts) for one in objects(holder.get("relatedProcesses"))
        ]
        for one in related:
            kind = "parent" if {"parent", "framework"} & {*lines(one.get("relationship"))} else "other"
            if line(one.get("scheme")) in ("ocid", ""):
                found.append(Link(kind, line(one.get("identifier"))))
        return tuple(dict.fromkeys(link for link in found if link.target and link.target != self._process.ocid))

    def _documents(self) -> tuple[Document, ...]:
        holders = [self._planning, *self._stages(), *(mapping(one.get("implementation")) for one in self._contracts)]
        found = [
            Document(line(one.get("title")) or url, url, line(one.get("documentType")), line(one.get("language")))
            for holder in holders
            for one in objects(holder.get("documents"))
            if (url := web(one.get("url")))
        ]
        return tuple(dict.fromkeys(found))

    def _extra(self) -> tuple[tuple[str, str], ...]:
        tender = self._tender
        pairs = [("tag", tag) for tag in lines(self._release.get("tag"))]
        pairs += [("tender-status", _status(tender)), ("procurement-method", line(tender.get("procurementMethod")))]
        pairs += [("procurement-category", line(tender.get("mainProcurementCategory")))]
        pairs += [("tenderers", line(tender.get("numberOfTenderers")))]
        pairs += [
            ("project", line(self._budget.get("project")) or line(mapping(self._planning.get("project")).get("title")))
        ]
        for item in self._items():
            one = mapping(item.get("classification"))
            pairs.append(
                ("classification", " ".join(line(one.get(key)) for key in ("scheme", "id", "description")).strip())
            )
        for name, everything, standing in (
            ("awards-cancelled", self._all_awards, self._awards),
            ("contracts-cancelled", self._all_contracts, self._contracts),
        ):
            if len(everything) > len(standing):
                pairs.append((name, str(len(everything) - len(standing))))
        return tuple(dict.fromkeys(pair for pair in pairs if pair[1]))


def _status(stage: dict[str, Any]) -> str:
    return line(stage.get("status")).casefold()


def _address(address: dict[str, Any]) -> PlaceMention:
    """The country, region and town of an address; its street and postal code are not wanted."""
    country = country_written(line(address.get("countryName")) or line(address.get("country")))
    region, town = line(address.get("region")), line(address.get("locality"))
    return PlaceMention(country, (region,) if region else (), site=town)


def _facts(path: Path) -> SourceFacts:
    value = json_files.load(path)
    found = list(packages(value))
    publishers = {line(mapping(one.get("publisher")).get("name")) for one in found} - {""}
    licences = {line(one.get("license")) for one in found} - {""}
    as_of = latest(one.get("publishedDate") for one in found) or latest(
        release.get("date") for process in processes(value) for release in process.releases
    )
    publisher = publishers.pop() if len(publishers) == 1 else ""
    return SourceFacts(Format.OCDS, title_of(path), publisher, as_of, licences.pop() if len(licences) == 1 else "")


READER: Reader[Any] = Reader(Format.OCDS, is_ocds, read_processes, _facts)
