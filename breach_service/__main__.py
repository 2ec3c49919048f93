"""`python -m breach_service`, the same as `breach-service`."""

import gc


def main() -> None:
    """Entry point."""
    gc.disable()  # what is being read is no garbage; looking for some would take a fifth of the start
    from breach_service.cli import main as run

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
