"""Text that people read, in French (required) and English."""

from pydantic import BaseModel, ConfigDict


class Text(BaseModel):
    """A text of `playbooks/`: `{fr: …, en: …}`. French is required; English falls back to French."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fr: str
    en: str | None = None

    def in_language(self, language: str) -> str:
        """The text in `fr` or `en`, without the white space of the file around it."""
        chosen = self.en if language == "en" and self.en else self.fr
        return chosen.strip()
