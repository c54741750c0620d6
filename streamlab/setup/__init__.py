"""Setting up the course's own Python environment, before any package is there.

Everything in this folder uses the standard library alone, because it runs before anything is installed.

    lockfile.py     what the lock asks for
    wheels.py       the downloaded packages, shared by every checkout of this user
    environment.py  .venv: is it ready, make it, put the previous one back
    processes.py    run pip quietly, and stop it with us
    failures.py     what pip's output means, in a sentence
    turns.py        one setup at a time
    cleaning.py     what `make clean` removes
    main.py         the steps, the messages, the exit code

    python3 bootstrap.py
"""
