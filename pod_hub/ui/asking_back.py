"""Asking back about an entry that looks like a slip: the form is refused once, with a tick that says that it is meant."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms


class Tick(forms.CheckboxInput):
    """A tick that stands for one entry (``about``): sent for another one it is none, and is drawn empty."""

    about = ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        """Return whether it was ticked for this entry."""
        return bool(self.about) and data.get(name) == self.about


class AsksBack(forms.BaseForm):
    """Mixin of forms with one such question. ``question`` names its ``BooleanField``, whose widget is a ``Tick``; it is drawn only once it is asked."""

    question: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = self.fields.pop(self.question)

    def is_meant(self, about: str) -> bool:
        """Have the question about an entry drawn from now on, and return whether it was answered with yes. While the form is cleaned only."""
        tick = cast("Tick", self._asked.widget)
        tick.about = tick.attrs["value"] = about
        self.fields[self.question] = self._asked
        said: bool = tick.value_from_datadict(self.data, self.files, self.add_prefix(self.question))
        self.cleaned_data[self.question] = said
        return said
