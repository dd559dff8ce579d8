"""``plugwork completion``: the script that a shell loads."""

from __future__ import annotations

import click

from plugwork.cli.group import Command

_BASH = """\
_plugwork() {
    local line IFS=$'\\n'
    COMPREPLY=()
    local current="${COMP_WORDS[COMP_CWORD]}" words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    # Bash splits words at a colon; a target such as jobs.py:nightly is one word.
    if [[ "$COMP_WORDBREAKS" == *:* ]] && declare -F _get_comp_words_by_ref >/dev/null; then
        local all index
        _get_comp_words_by_ref -n : -w all -i index -c current
        words=("${all[@]:1:index}")
    fi
    for line in $(PLUGWORK_COMPLETE=bash plugwork "${words[@]}" 2>/dev/null); do
        if [[ "$line" == ":files" ]]; then
            COMPREPLY+=($(compgen -f -- "$current"))
            compopt -o filenames 2>/dev/null
        else
            COMPREPLY+=("$line")
        fi
    done
    declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
    return 0
}
complete -F _plugwork plugwork
"""
_ZSH = """\
#compdef plugwork
_plugwork() {
    local -a offered
    local line
    for line in "${(@f)$(PLUGWORK_COMPLETE=zsh plugwork "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ "$line" == ":files" ]]; then
            _files
        elif [[ -n "$line" ]]; then
            offered+=("$line")
        fi
    done
    (( ${#offered} )) && _describe plugwork offered
}
compdef _plugwork plugwork
"""
_FISH = """\
function __plugwork
    set -l words (commandline -opc) (commandline -ct)
    for line in (PLUGWORK_COMPLETE=fish plugwork $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c plugwork -f -a '(__plugwork)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
_HINTS = {
    "bash": 'add to ~/.bashrc: eval "$(plugwork completion bash)"',
    "zsh": 'add to ~/.zshrc, after compinit: eval "$(plugwork completion zsh)"',
    "fish": "run once: plugwork completion fish > ~/.config/fish/completions/plugwork.fish",
}


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(list(_SCRIPTS)))
def completion(shell: str) -> None:
    """Print the completion script of SHELL."""
    click.echo(f"# {_HINTS[shell]}")
    click.echo(_SCRIPTS[shell], nl=False)
