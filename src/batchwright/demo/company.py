"""The demo's company as data: a maker of bicycles. Nobody and nothing in it exists."""

from __future__ import annotations

from dataclasses import dataclass

WORKSPACE = "Brightwater Bikes"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    name: str
    email: str
    admin: bool = False
    guest: bool = False


MIRA = Person("Mira Okafor", "mira@brightwater.example", admin=True)
JONAS = Person("Jonas Lindqvist", "jonas@brightwater.example")
PRIYA = Person("Priya Raman", "priya@brightwater.example")
TOMAS = Person("Tomás Herrera", "tomas@herrera-photo.example", guest=True)
PEOPLE = (MIRA, JONAS, PRIYA, TOMAS)
