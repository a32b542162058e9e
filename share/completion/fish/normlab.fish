# Completion of normlab in fish: normlab complete fish | source
function __normlab_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    $program complete --line -- $words[2..-1] 2>/dev/null
end
complete -c normlab -f -a '(__normlab_complete)'
