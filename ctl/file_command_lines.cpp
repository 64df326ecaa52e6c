// The table of the commands that work on files.
#include "ctl/command_builder.hpp"

namespace provision::ctl {

namespace {

void add_journal(CLI::App& app, arguments& given, action& chosen) {
  auto* journal
    = add(app, chosen, "journal", "every decision of the node, as a chain",
          [&given](auto& here) { return journal_list(here, given.journal); });
  show_example(*journal, "journal\n  provisionctl journal verify");
  auto* list
    = add(*journal, chosen, "list", "the newest lines, or those behind one",
          [&given](auto& here) { return journal_list(here, given.journal); });
  list->add_option("--after", given.journal.after, "behind this number");
  list->add_option("--last", given.journal.last, "so many [20]");
  show_example(*list, "journal list --last 100");
  auto* to_file
    = add(*journal, chosen, "export", "all of it, to be verified elsewhere",
          [&given](auto& here) { return journal_export(here, given.path); });
  to_file->add_option("file", given.path, "[standard output]");
  show_example(*to_file, "journal export journal.jsonl");
  auto* verify = add(
    *journal, chosen, "verify",
    "find lines that were changed, removed or moved; exit code 1 if there are",
    [&given](auto& here) {
      return journal_verify(here, given.path, given.known_line);
    });
  verify->add_option("path", given.path,
                     "an exported file, or the store's folder of a stopped "
                     "node [what the daemon has]");
  verify->add_option("--known", given.known_line,
                     "NUMBER:HASH of a line as an earlier 'verify' showed it; "
                     "it must still be there");
  show_example(*verify, "journal verify /var/lib/provisiond/store");
}

void add_submission(CLI::App& app, arguments& given, action& chosen) {
  auto* planned
    = add(app, chosen, "plan",
          "what would become of the reservations in a file; "
          "nothing is done; exit code 1 if one would be refused; admins "
          "only",
          [&given](auto& here) { return plan(here, given.path); });
  planned
    ->add_option("file", given.path,
                 "a reservation, an array of them, or one a line; - for "
                 "standard input")
    ->required();
  show_example(*planned, "plan reservations.json");
  auto* submitted
    = add(app, chosen, "submit",
          "hand over the reservations in a file, like those of any source; "
          "admins only",
          [&given](auto& here) { return submit(here, given.path); });
  submitted->add_option("file", given.path, "as for plan")->required();
  show_example(*submitted, "submit reservation.json\n  provisionctl wait 100-1 "
                           "--for=provisioned --timeout 1m");
}

/// The store that is meant if none is named.
std::string store_of(const arguments& given) {
  return given.store.empty() ? given.data_dir + "/store" : given.store;
}

void add_state(CLI::App& app, arguments& given, action& chosen) {
  auto* whole
    = add(app, chosen, "bundle",
          "an archive for support: how the node is, without its secrets",
          [&given](auto& here) {
            return bundle(here, given.path, given.config_file);
          });
  whole->add_option("file", given.path, "a .tar.gz that is made")->required();
  whole->add_option("--config", given.config_file,
                    "the daemon's configuration, to be added");
  show_example(*whole, "bundle node.tar.gz --config /etc/provisiond.conf");
  auto* out = add(app, chosen, "export",
                  "all that a stopped node knows, in one file; its key is not "
                  "part of it",
                  [&given](auto& here) {
                    return export_state(here, store_of(given), given.path);
                  });
  auto* in = add(app, chosen, "import",
                 "make a store anew from such a file, where there is none yet",
                 [&given](auto& here) {
                   return import_state(here, store_of(given), given.path);
                 });
  for (auto* command : {out, in}) {
    command->add_option("file", given.path)->required();
    command->add_option("--store", given.store,
                        "the store's folder [<data-dir>/store]");
    show_example(*command, command->get_name() + " node.state");
  }
}

} // namespace

void add_file_commands(CLI::App& app, arguments& given, action& chosen) {
  add_journal(app, given, chosen);
  add_submission(app, given, chosen);
  add_state(app, given, chosen);
}

} // namespace provision::ctl
