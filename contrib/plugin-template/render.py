"""Make a plugin of your own: ``python render.py acme-store [FOLDER]``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

TEMPLATE = Path(__file__).parent / "template"
#: What a tool left behind in the template is no part of it.
LEFT_BEHIND = re.compile(r"(^|/)(\.|__pycache__|build|dist|[^/]+\.egg-info)")


def words_for(name: str) -> dict[str, str]:
    """Return the words of the template that stand for the name, each with what replaces it.

    :raises ValueError: for a name that is not of lower-case words joined by dashes.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(f"a name is of lower-case words and dashes, like acme-store, not {name!r}")
    return {
        "template-name": name,
        "template_name": name.replace("-", "_"),
        "TemplateName": "".join(word.capitalize() for word in name.split("-")),
    }


def render(name: str, folder: Path) -> list[Path]:
    """Copy the template to a new folder under another name; return the files that were made.

    :raises FileExistsError: when there is something in the folder already; nothing is changed.
    """
    words = words_for(name)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: choose another folder")
    pattern = re.compile("|".join(words))

    def renamed(text: str) -> str:
        return pattern.sub(lambda found: words[found[0]], text)

    made = []
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file()):
        place = source.relative_to(TEMPLATE).as_posix()
        if not LEFT_BEHIND.search(place):
            target = folder / renamed(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(renamed(source.read_text(encoding="utf-8")), encoding="utf-8")
            made.append(target)
    return made


def main() -> None:
    """Render by the command line."""
    parser = argparse.ArgumentParser(description="Make a plugwork plugin from the template.")
    parser.add_argument("name", help="lower-case words joined by dashes: acme-store")
    parser.add_argument("folder", nargs="?", type=Path, help="default: ./plugwork-NAME")
    given = parser.parse_args()
    folder = given.folder or Path(f"plugwork-{given.name}")
    try:
        made = render(given.name, folder)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    print(f"{len(made)} files in {folder}; next: cd {folder} && cat README.md")


if __name__ == "__main__":
    main()
