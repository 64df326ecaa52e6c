#include "bench/replay/cpu_time.hpp"

#include <sched.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

namespace provision::bench {

namespace {

double seconds(const timespec& spent) {
  return static_cast<double>(spent.tv_sec)
         + static_cast<double>(spent.tv_nsec) / 1e9;
}

} // namespace

double own_cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return seconds(spent);
}

double cpu_seconds_of(int pid) {
  clockid_t clock{};
  timespec spent{};
  if (pid <= 0 || ::clock_getcpuclockid(pid, &clock) != 0
      || ::clock_gettime(clock, &spent) != 0)
    return 0;
  return seconds(spent);
}

double machine_busy_seconds() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  double user = 0;
  double nice = 0;
  double system = 0;
  double idle = 0;
  double waiting = 0;
  double interrupts = 0;
  double soft_interrupts = 0;
  double stolen = 0;
  file >> name >> user >> nice >> system >> idle >> waiting >> interrupts
    >> soft_interrupts >> stolen;
  return (user + nice + system + interrupts + soft_interrupts + stolen)
         / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  return static_cast<unsigned>(CPU_COUNT(&set));
}

} // namespace provision::bench
