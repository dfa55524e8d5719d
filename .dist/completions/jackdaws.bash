# Completion of jackdaws(1) for bash. The options are those of src/program/usage.txt; tests/it/packaging.rs compares the two.

_jackdaws() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local options='-l --listen --allow --socket-mode --logname -o --output --max-bytes --backup-count
        --flush-interval --sync -f --format --style --datefmt
        --utc --json --level --name --escape --color --facility --config --check --max-frame --max-connections --max-memory
        --frame-timeout --drain-timeout --port-file --count --timeout --until-eof --fail-on --metrics -q --quiet -v --verbose
        -h --help -V --version'
    # To bash, the = between an option and its value may be a word of its own.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $before in
        --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")) ;;
        --escape) COMPREPLY=($(compgen -W 'control all none' -- "$word")) ;;
        --fail-on | --level) COMPREPLY=($(compgen -W 'DEBUG INFO WARNING ERROR CRITICAL' -- "$word")) ;;
        -l | --listen) COMPREPLY=($(compgen -W 'tcp: udp: unix: unixgram: systemd' -- "$word")) ;;
        --metrics | -o | --output | --port-file | --config)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            ;;
        --style) COMPREPLY=($(compgen -W '% { \$' -- "$word")) ;;
        --facility) COMPREPLY=($(compgen -W 'user daemon auth local0 local1 local2 local3 local4 local5 local6 local7' -- "$word")) ;;
        --allow | --backup-count | --count | --datefmt | --drain-timeout | -f | --flush-interval | --format | \
            --frame-timeout | --logname | --max-bytes | --max-connections | --max-frame | --max-memory | --name | \
            --socket-mode | --sync | --timeout) COMPREPLY=() ;;
        *) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    esac
}

complete -F _jackdaws jackdaws
