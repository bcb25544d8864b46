#include "base/machine_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace billing {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t limit_in(const std::string& path) {
  std::uint64_t bytes = kNoLimit;
  std::ifstream file(path);
  return file >> bytes ? bytes : kNoLimit;  // `max`, or no such file: none
}

/// The least of the limits of a group and of those that it is in. `root` is where groups begin.
std::uint64_t limit_of_group(const std::string& root, std::string group, const char* file) {
  std::uint64_t bytes = limit_in(root + "/" + file);
  while (group.size() > 1) {
    bytes = std::min(bytes, limit_in(root + group + "/" + file));
    group.erase(group.rfind('/'));
  }
  return bytes;
}

}  // namespace

std::uint64_t machine_memory_bytes() {
  std::uint64_t bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  // Each line is `id:controllers:group`; version 2 has no controllers.
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t controllers = line.find(':') + 1;
    const std::size_t group = line.find(':', controllers) + 1;
    if (controllers == 0 || group == 0) continue;
    const std::string names = "," + line.substr(controllers, group - controllers - 1) + ",";
    if (names == ",,") {
      bytes = std::min(bytes, limit_of_group("/sys/fs/cgroup", line.substr(group), "memory.max"));
    } else if (names.find(",memory,") != std::string::npos) {
      bytes = std::min(bytes, limit_of_group("/sys/fs/cgroup/memory", line.substr(group),
                                             "memory.limit_in_bytes"));
    }
  }
  return bytes;
}

}  // namespace billing
