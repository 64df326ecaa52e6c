# Writes OUTPUT, the configuration that a host gets: EXAMPLE, which has every key
# at its default, with the keys commented out, so that a later version's defaults
# hold, and only what the service needs set.
file(READ "${EXAMPLE}" text)
string(REGEX REPLACE "\n([a-z_]+ = )" "\n#\\1" text "${text}")

function(set_key name value)
  string(FIND "${text}" "\n#${name} = \"\"\n" place)
  if(place LESS 0)
    message(FATAL_ERROR "${EXAMPLE} has no key ${name} that is empty")
  endif()
  string(REPLACE "\n#${name} = \"\"\n" "\n${name} = \"${value}\"\n" text "${text}")
  set(text "${text}" PARENT_SCOPE)
endfunction()

set_key(socket /run/provisiond/api.sock)
set_key(reader_group provisiond-readers)
set_key(admin_group provisiond-admins)

string(REGEX REPLACE "^(#[^\n]*\n)+" "" text "${text}")
file(WRITE "${OUTPUT}"
"# Configuration of provisiond(8); provisiond.toml(5) has every key. A key that is
# commented out shows its default. The node needs one source of reservations:
# explorer.url or replay.file. After a change:
#
#   provisiond check --config <this file> && systemctl reload provisiond
${text}")
