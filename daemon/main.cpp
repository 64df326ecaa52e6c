#include <iostream>

#include "daemon/command_line.hpp"

int main(int argc, char** argv) {
  return provision::command_line(argc, argv, std::cout, std::cerr);
}
