"""What providers tell us of their breaches: taking it down, asking them, writing their answers down."""

from breach_service.acts.providers.notices import (
    Asking,
    Notified,
    ProviderAnswer,
    ProviderTold,
    ask_provider,
    record_provider_answer,
    record_provider_notice,
)

__all__ = [
    "Asking",
    "Notified",
    "ProviderAnswer",
    "ProviderTold",
    "ask_provider",
    "record_provider_answer",
    "record_provider_notice",
]
