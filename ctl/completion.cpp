// Scripts for shells: commands are completed from the program's own list, ids
// by asking the node.
#include "ctl/commands.hpp"

namespace provision::ctl {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string bash_script(const std::string& commands) {
  return R"sh(# bash completion of provisionctl; in ~/.bashrc:
#   source <(provisionctl completion bash)
_provisionctl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  case $before in
    show|explain|cancel|retry)
      COMPREPLY=($(compgen -W "$(provisionctl list -o name --limit 200 \
        --prefix "$word" 2>/dev/null)" -- "$word")) ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;
    quarantine) COMPREPLY=($(compgen -W "list show retry drop" -- "$word")) ;;
    confirm) COMPREPLY=($(compgen -W "deletions clock" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W ")sh"
         + commands + R"sh(" -- "$word")) ;;
  esac
}
complete -F _provisionctl provisionctl
)sh";
}

std::string zsh_script(const std::string& commands) {
  return R"sh(#compdef provisionctl
# zsh completion of provisionctl; in ~/.zshrc:
#   source <(provisionctl completion zsh)
_provisionctl() {
  case ${words[CURRENT-1]} in
    show|explain|cancel|retry)
      compadd -- ${(f)"$(provisionctl list -o name --limit 200 \
        --prefix "$PREFIX" 2>/dev/null)"} ;;
    completion) compadd bash zsh fish ;;
    quarantine) compadd list show retry drop ;;
    confirm) compadd deletions clock ;;
    *) compadd )sh"
         + commands + R"sh( ;;
  esac
}
# As a file of $fpath it is run at the first completion, and is to complete.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _provisionctl "$@"
else
  compdef _provisionctl provisionctl
fi
)sh";
}

std::string fish_script(const std::string& commands) {
  return R"sh(# fish completion of provisionctl; once:
#   provisionctl completion fish > ~/.config/fish/completions/provisionctl.fish
complete -c provisionctl -f
complete -c provisionctl -n __fish_use_subcommand -a ")sh"
         + commands + R"sh("
complete -c provisionctl -n "__fish_seen_subcommand_from show explain cancel retry" \
  -a "(provisionctl list -o name --limit 200 2>/dev/null)"
complete -c provisionctl -n "__fish_seen_subcommand_from completion" \
  -a "bash zsh fish"
complete -c provisionctl -n "__fish_seen_subcommand_from quarantine" \
  -a "list show retry drop"
complete -c provisionctl -n "__fish_seen_subcommand_from confirm" \
  -a "deletions clock"
)sh";
}

} // namespace

std::string completion(const std::string& shell,
                       const std::vector<std::string>& commands) {
  auto names = joined(commands);
  if (shell == "bash")
    return bash_script(names);
  if (shell == "zsh")
    return zsh_script(names);
  return shell == "fish" ? fish_script(names) : std::string{};
}

} // namespace provision::ctl
