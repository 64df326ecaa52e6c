#pragma once

#include <vector>

#include "config/key_table.hpp"

namespace provision::config {

/// What the node is, where its work comes from, and what it lends out.
void add_node_key_rows(std::vector<key_row>& rows);

/// How the engine works, what it bears with, and what it remembers.
void add_engine_key_rows(std::vector<key_row>& rows);

/// What the node asks of its host.
void add_host_key_rows(std::vector<key_row>& rows);

/// Where people and programs ask the node, and what it tells by itself.
void add_doors_key_rows(std::vector<key_row>& rows);

} // namespace provision::config
