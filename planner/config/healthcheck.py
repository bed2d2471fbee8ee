"""Health of one part of an installation, as containers ask for it: `python -m planner.config.healthcheck web|beat`."""

import http.client
import os
import sys

import django

from planner.config.environment import env_int, env_list


def web_problem() -> str | None:
    """What is wrong with the web server of this container; None when it answers."""
    # The server answers to its public names only.
    host = env_list("ALLOWED_HOSTS", "localhost")[0].lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", env_int("PORT", 8000), timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        answer = connection.getresponse()
    except OSError as error:
        return f"no answer: {error}"
    finally:
        connection.close()
    return None if answer.status == http.client.OK else f"answer {answer.status}"


def beat_problem() -> str | None:
    """Whether the sweep that runs every minute has been sent lately; None when it has."""
    django.setup()
    from planner.config.health import check_beat, problem_of

    return problem_of(check_beat) or None


PARTS = {"web": web_problem, "beat": beat_problem}


def main(arguments: list[str]) -> int:
    """Exit code 0 healthy, 1 not, 2 for an unknown part."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        print(f"expected one of {', '.join(PARTS)}", file=sys.stderr)
        return 2
    problem = PARTS[arguments[0]]()
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planner.config.settings.production")
    sys.exit(main(sys.argv[1:]))
