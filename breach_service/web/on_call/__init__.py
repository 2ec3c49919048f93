"""The rota and the channels of people, as pages and as API."""
