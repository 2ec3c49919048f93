"""`python -m breach_service`, the same as `breach-service`."""

from breach_service.cli import main

if __name__ == "__main__":
    main()
