#include <unistd.h>

#include <iostream>

#include "ctl/command_line.hpp"

int main(int argc, char** argv) {
  return provision::ctl::command_line(argc, argv, std::cout, std::cerr,
                                      ::isatty(STDOUT_FILENO) == 1);
}
