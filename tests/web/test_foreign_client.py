"""What a client abroad reads: the content of Art. 33(3) in its language, and nothing of the French authority."""

from pathlib import Path

from tests.web.edge import shared_edge


def test_a_client_abroad_is_not_sent_to_the_cnil(tmp_path: Path) -> None:
    """The client in France is told of the CNIL, the one in Ireland of its own supervisory authority."""
    with shared_edge(tmp_path) as edge:
        reference = edge.declare()
        owed, headers = edge.obligations(reference), edge.token()

        def letter(client: str) -> str:
            address = f"/api/v1/incidents/{reference}/drafts/{owed[f'client:{client}']['id']}"
            return str(edge.client.get(address, headers=headers).json()["text"])

        abroad, at_home = letter("kilbride-example"), letter("mutuelle-exemple")
    assert "CNIL" in at_home
    assert "CNIL" not in abroad
    assert "your supervisory authority is due within 72 hours" in " ".join(abroad.split())
