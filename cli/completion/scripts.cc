#include "cli/completion/scripts.h"

namespace cbs::cli {
namespace {

constexpr std::string_view kBash = R"sh(# bash completion for cbsession
_cbsession() {
  mapfile -t COMPREPLY < <(cbsession __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o nospace -F _cbsession cbsession
)sh";

// A final word has a space at its end, which is the suffix that compadd gives it.
constexpr std::string_view kZsh = R"sh(#compdef cbsession
_cbsession() {
  local line word files=
  local -a final finalTexts open
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    if [[ $line == $'\tfiles' ]]; then
      files=1
    elif [[ $word == *' ' ]]; then
      final+=("${word% }")
      finalTexts+=("${word% }${${line#*$'\t'}:+  -- ${line#*$'\t'}}")
    else
      open+=("$word")
    fi
  done < <(cbsession __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
  (( $#final )) && compadd -l -d finalTexts -- "${final[@]}"
  (( $#open )) && compadd -S '' -- "${open[@]}"
  [[ -n $files ]] && _files
  (( compstate[nmatches] ))
}
if [[ $funcstack[1] == _cbsession ]]; then
  _cbsession "$@"
else
  compdef _cbsession cbsession
fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for cbsession
function __cbsession_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (cbsession __complete fish $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = \tfiles
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c cbsession -f -a '(__cbsession_complete)'
)sh";

}  // namespace

std::string_view completionScript(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  return shell == "fish" ? kFish : std::string_view();
}

}  // namespace cbs::cli
