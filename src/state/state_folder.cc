#include "state/state_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/file_identity.h"
#include "io/temporary_file.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

constexpr std::string_view kPartialName = "usage.partial";
constexpr std::string_view kLockName = "lock";
constexpr std::string_view kRejectsName = "rejects.";

[[noreturn]] void fail(const std::string& path, int system_error, const char* advice) {
  throw Error(ErrorKind::run,
              quoted_text(path) + ": " + std::system_category().message(system_error) + advice);
}

std::string in_folder(const std::string& folder, std::string_view name) {
  return folder + "/" + std::string(name);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure))
    names.push_back(entry.path().filename());
  if (failure) fail(folder, failure.value(), "; choose another folder for \1state");
  std::sort(names.begin(), names.end());
  return names;
}

/// A link that leads nowhere is there, too.
bool is_there(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno != ENOENT) fail(path, errno, "");
  return false;
}

/// The run whose rejects a file of this name holds.
std::optional<std::uint64_t> run_of_rejects(std::string_view name) {
  if (!name.starts_with(kRejectsName)) return std::nullopt;
  name.remove_prefix(kRejectsName.size());
  std::uint64_t run = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), run);
  if (failure != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return run;
}

bool is_of_a_state(std::string_view name) {
  return name == kPartialName || name == kLockName || is_temporary_name(name) ||
         run_of_rejects(name);
}

/// A slip (`--state /`, `--state logs`) must not litter a folder that serves something else.
void refuse_other_things(const std::string& path) {
  const std::vector<std::string> names = names_in(path);
  if (std::binary_search(names.begin(), names.end(), kPartialName)) return;
  const auto other = std::find_if_not(names.begin(), names.end(), is_of_a_state);
  if (other == names.end()) return;
  throw Error(ErrorKind::configuration,
              "\1state: " + quoted_text(path) + " is no state and holds other things (" +
                  quoted_text(*other) + "); name a new or an empty folder");
}

void make(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    fail(path, errno, "; choose another folder for \1state");
  refuse_other_things(path);
  if (is_there(in_folder(path, kPartialName))) return;
  // The folder's own name is on the disk before anything in it counts.
  const UniqueFd parent = open_folder(split_path(path).folder);
  if (!parent.is_open() || !flush_folder(parent)) fail(path, errno, "");
}

UniqueFd lock(const std::string& folder) {
  const std::string path = in_folder(folder, kLockName);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!fd.is_open()) fail(path, errno, "; choose another folder for \1state");
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) fail(path, errno, "");
  throw Error(ErrorKind::run, quoted_text(folder) +
                                  ": this state is in use by another run; try "
                                  "again when that has ended");
}

}  // namespace

StateFolder::StateFolder(std::string path) : path_(std::move(path)) {
  make(path_);
  lock_ = lock(path_);
  std::error_code ignored;
  for (const std::string& name : names_in(path_)) {
    if (is_temporary_name(name)) std::filesystem::remove(in_folder(path_, name), ignored);
  }
}

std::string StateFolder::partial_path() const { return in_folder(path_, kPartialName); }

bool StateFolder::has_partial() const { return is_there(partial_path()); }

std::string StateFolder::rejects_path(std::uint64_t run) const {
  return in_folder(path_, kRejectsName) + std::to_string(run);
}

std::vector<std::uint64_t> StateFolder::runs_with_rejects() const {
  std::vector<std::uint64_t> runs;
  for (const std::string& name : names_in(path_)) {
    if (const auto run = run_of_rejects(name)) runs.push_back(*run);
  }
  std::sort(runs.begin(), runs.end());
  return runs;
}

bool StateFolder::holds(const std::string& path, const std::string& file) {
  if (file == "-") return false;
  std::error_code ignored;
  const std::string folder = std::filesystem::is_directory(file, ignored)
                                 ? file
                                 : split_path(follow_links(file).value_or(file)).folder;
  return std::filesystem::equivalent(path, folder, ignored);
}

bool StateFolder::owns(const std::string& path, const std::string& file) {
  const std::string name = split_path(follow_links(file).value_or(file)).name;
  const auto is_file = [&](std::string_view own) {
    return same_target(in_folder(path, own), file);
  };
  return is_file(kPartialName) || is_file(kLockName) || (is_of_a_state(name) && is_file(name));
}

}  // namespace billing
