"""One module per sender, pure: a body becomes alerts, a credential is checked. `registry` names them all."""
