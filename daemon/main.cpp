#include <iostream>

#include "actors/heap.hpp"
#include "daemon/command_line.hpp"

int main(int argc, char** argv) {
  provision::set_up_heap();
  return provision::command_line(argc, argv, std::cout, std::cerr);
}
