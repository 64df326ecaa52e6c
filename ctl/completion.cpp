// Scripts for shells: commands and options are completed from the program's own
// list, ids by asking the node.
#include "ctl/commands.hpp"

namespace provision::ctl {

namespace {

using commands = std::vector<completed_command>;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string names_of(const commands& all, bool only_with_id = false) {
  std::vector<std::string> names;
  for (auto& one : all)
    if (one.takes_id || !only_with_id)
      names.push_back(one.name);
  return joined(names);
}

/// A line of a bash or zsh `case` for each command with words of its own.
std::string cases(const commands& all, const std::string& variable) {
  std::string text;
  // The names of shells are arguments, not commands.
  for (auto& one : all)
    if (one.name != "completion")
      text += "    " + one.name + ") " + variable + "=\"" + joined(one.words)
              + "\" ;;\n";
  return text;
}

std::string id_pattern(const commands& all) {
  auto names = names_of(all, true);
  for (auto& c : names)
    if (c == ' ')
      c = '|';
  return names;
}

/// How bash and zsh, which have much in common, differ.
struct shell_words {
  /// What stands above the function, and behind its loop over the words before.
  const char* opening = "";
  /// The variable that collects what fits.
  const char* found = "";
  /// What is typed so far of the word to be completed.
  const char* typed = "";
  /// What offers the words found, and the end.
  const char* closing = "";
};

std::string script_for(const shell_words& shell, const commands& all) {
  const std::string found = shell.found;
  std::string text = shell.opening;
  text += "  case $command in\n" + cases(all, found);
  text += "    completion) " + found + "=\"bash zsh fish\" ;;\n";
  text += "    \"\") " + found + "=\"" + names_of(all) + "\" ;;\n  esac\n";
  text += "  case $command in\n    " + id_pattern(all) + ")\n      " + found;
  text += R"sh(+=" $(provisionctl list -o name --limit 200 \
        --prefix ")sh";
  text += shell.typed + std::string{R"sh(" 2>/dev/null)" ;;
  esac
)sh"};
  return text + shell.closing;
}

constexpr shell_words bash{
  .opening = R"sh(# bash completion of provisionctl; in ~/.bashrc:
#   source <(provisionctl completion bash)
_provisionctl() {
  local word=${COMP_WORDS[COMP_CWORD]} command= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -*) ;;
      *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
)sh",
  .found = "words",
  .typed = "$word",
  .closing = R"sh(  COMPREPLY=($(compgen -W "$words" -- "$word"))
  # Files, where nothing else fits.
  if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _provisionctl provisionctl
)sh"};

constexpr shell_words zsh{.opening = R"sh(#compdef provisionctl
# zsh completion of provisionctl; in ~/.zshrc:
#   source <(provisionctl completion zsh)
_provisionctl() {
  local command= found= i
  for ((i = 2; i < CURRENT; i++)); do
    case ${words[i]} in
      -*) ;;
      *) command=${words[i]}; break ;;
    esac
  done
)sh",
                          .found = "found",
                          .typed = "$PREFIX",
                          .closing = R"sh(  compadd -- ${=found}
  _files
}
# As a file of $fpath it is run at the first completion, and is to complete.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _provisionctl "$@"
else
  compdef _provisionctl provisionctl
fi
)sh"};

std::string fish_script(const commands& all) {
  std::string text = R"sh(# fish completion of provisionctl; once:
#   provisionctl completion fish > ~/.config/fish/completions/provisionctl.fish
complete -c provisionctl -n __fish_use_subcommand -f -a ")sh"
                     + names_of(all) + "\"\n";
  for (auto& one : all)
    if (!one.words.empty())
      text += "complete -c provisionctl -n \"__fish_seen_subcommand_from "
              + one.name + "\" -a \"" + joined(one.words) + "\"\n";
  return text + "complete -c provisionctl -n \"__fish_seen_subcommand_from "
         + names_of(all, true) + R"sh(" -f \
  -a "(provisionctl list -o name --limit 200 2>/dev/null)"
complete -c provisionctl -n "__fish_seen_subcommand_from completion" -f \
  -a "bash zsh fish"
)sh";
}

} // namespace

std::string completion(const std::string& shell,
                       const std::vector<completed_command>& commands) {
  if (shell == "bash")
    return script_for(bash, commands);
  if (shell == "zsh")
    return script_for(zsh, commands);
  return shell == "fish" ? fish_script(commands) : std::string{};
}

} // namespace provision::ctl
