#include "job/run_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <numeric>
#include <system_error>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/compressed.h"
#include "io/file_identity.h"

namespace billing {
namespace {

constexpr const char* kPartialName = "/usage.partial";
constexpr const char* kLockName = "/lock";

/// A longer one is not worth a place in the state: it waits for its end, whatever it is.
constexpr std::uint64_t kMaxLastLineBytes = std::uint64_t{64} << 10;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Error(ErrorKind::run, quoted_text(path) + ": " + what);
}

UniqueFd lock(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
    fail(folder, std::system_category().message(errno) + "; choose another folder for --state");
  const std::string path = folder + kLockName;
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!fd.is_open())
    fail(path, std::system_category().message(errno) + "; choose another folder for --state");
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) fail(path, std::system_category().message(errno));
  fail(folder, "this state is in use by another run; try again when that has ended");
}

/// What runs that were killed have left; nobody else is at work here.
void remove_temporary_files(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(".billing-") && name.ends_with(".tmp"))
      std::filesystem::remove(entry.path(), ignored);
  }
}

/// The place behind the last whole line of a file, between `begin` and its end.
std::uint64_t last_border(const Input& input, std::uint64_t begin) {
  const std::string_view rest = input.bytes().substr(begin);
  return begin + rest.rfind('\n') + 1;  // npos + 1 is 0
}

/// Content that is taken in, or will be: where it stands.
struct Known {
  SeenContent seen;
  std::optional<std::size_t> earlier;  ///< in the state
  std::optional<std::size_t> other;    ///< among the inputs of this run
};

/// Content by how much of it there is, in bytes.
using KnownContent = std::multimap<std::uint64_t, Known>;

/// At which a file of `size` bytes may have ended before, and its end; rising.
std::vector<std::uint64_t> sizes_up_to(std::uint64_t size, const KnownContent& known) {
  std::vector<std::uint64_t> sizes;
  for (auto at = known.begin(); at != known.end() && at->first < size; ++at) {
    if (sizes.empty() || sizes.back() != at->first) sizes.push_back(at->first);
  }
  sizes.push_back(size);
  return sizes;
}

/// The longest content that a file begins with, by the file's hashes at those sizes; null for none.
const Known* longest_start(const KnownContent& known, const std::vector<std::uint64_t>& sizes,
                           const std::vector<ContentHash>& hashes) {
  for (std::size_t i = sizes.size(); i-- > 0;) {
    const auto [begin, end] = known.equal_range(sizes[i]);
    const auto same = std::find_if(
        begin, end, [&](const auto& entry) { return entry.second.seen.hash == hashes[i]; });
    if (same != end) return &same->second;
  }
  return nullptr;
}

/// Those of earlier runs have been counted.
std::uint64_t lines_before(std::uint64_t bytes, const Input& input, const Known& start) {
  if (start.earlier) return start.seen.taken_lines;
  const std::string_view before = input.bytes().substr(0, bytes);
  return static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
}

/// What there is to be taken in of an input from `begin_bytes` on.
SeenContent look_at(const Input& input, std::uint64_t begin_bytes, const ContentHash& hash) {
  const std::string_view bytes = input.bytes();
  SeenContent seen{bytes.size(), hash, last_border(input, begin_bytes), 0, {}};
  if (seen.bytes - seen.taken_bytes <= kMaxLastLineBytes)
    seen.last_line = bytes.substr(seen.taken_bytes);
  return seen;
}

}  // namespace

RunState::RunState(const std::string& folder, const std::vector<NamedOption>& options)
    : path_(folder + kPartialName), lock_(lock(folder)) {
  remove_temporary_files(folder);
  header_.options = options;
  if (!std::filesystem::exists(path_)) return;
  PartialSink sink;
  sink.input = [this](const PartialInput& input) { header_.inputs.push_back(input); };
  sink.earlier = [this](const EarlierContent& content) {
    header_.inputs.back().seen->earlier.push_back(content);
  };
  PartialFile partial = open_partial(path_, make_cycle_policy, sink);
  const std::string difference = describe_difference(partial.options, folder, options, "this run");
  if (!difference.empty()) {
    throw Error(ErrorKind::configuration, "--state: the state was made with other options:\n" +
                                              difference +
                                              "\nuse the same ones, or another folder");
  }
  if (!partial.is_state && partial.input_count > 0)
    fail(path_, "is a partial, but no state; choose another folder for --state");
  rows_ = std::move(partial.rows);
}

bool RunState::owns(const std::string& folder, const std::string& path) {
  return same_target(folder + kPartialName, path) || same_target(folder + kLockName, path);
}

std::vector<InputPlan> RunState::plan(const std::vector<Input>& inputs, const JobHooks& hooks,
                                      const std::function<void()>& checkpoint) const {
  // The state's inputs, then those of this run that are new.
  KnownContent known;
  for (std::size_t i = 0; i < header_.inputs.size(); ++i) {
    const SeenContent& seen = *header_.inputs[i].seen;
    known.emplace(seen.bytes, Known{seen, i, std::nullopt});
  }
  // From the smallest on: where one input is the beginning of another, that is noticed.
  std::vector<std::size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&inputs](std::size_t a, std::size_t b) {
    return inputs[a].size_bytes() < inputs[b].size_bytes();
  });
  std::vector<InputPlan> plans(inputs.size());
  for (const std::size_t i : order) {
    const Input& input = inputs[i];
    if (!input.size_bytes() || input.name() == kStdinName) {
      input.fail("--state wants regular files: it knows them by what they hold");
    }
    const std::uint64_t size = *input.size_bytes();
    InputPlan& plan = plans[i];
    if (size == 0) continue;
    if (!input.is_mapped()) input.fail("cannot be mapped into memory; --state needs that");

    const std::vector<std::uint64_t> sizes = sizes_up_to(size, known);
    const std::vector<ContentHash> hashes =
        hash_prefixes(input.fd(), input.name(), sizes, checkpoint);
    const Known* const start = longest_start(known, sizes, hashes);
    if (start == nullptr) {
      plan.news = InputNews::fresh;
      warn_of_replacement(input, hooks);
    } else {
      plan.news = start->seen.bytes == size ? InputNews::known : InputNews::grown;
      plan.earlier = start->earlier;
      plan.other = start->other;
      plan.begin_bytes = start->seen.taken_bytes;
      plan.first_line = lines_before(plan.begin_bytes, input, *start);
    }
    if (plan.news == InputNews::known) continue;
    plan.seen = look_at(input, plan.begin_bytes, hashes.back());
    if (plan.other) {
      plans[*plan.other].seen.last_line.clear();
      plans[*plan.other].is_continued = true;
    }
    known.emplace(size, Known{plan.seen, std::nullopt, i});
  }
  return plans;
}

void RunState::warn_of_replacement(const Input& input, const JobHooks& hooks) const {
  const bool same_name =
      std::any_of(header_.inputs.begin(), header_.inputs.end(),
                  [&](const PartialInput& earlier) { return earlier.name == input.name(); });
  if (!same_name) return;
  hooks.warn(quoted_text(input.name()) +
             " is not what was taken in under this name: rotated or rewritten; taken in as a new "
             "input");
}

bool RunState::take_in(const std::vector<std::string>& names, const std::vector<InputPlan>& plans,
                       const std::vector<InputTotals>& totals) {
  const std::size_t before = header_.inputs.size();
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const InputPlan& plan = plans[i];
    if (plan.news == InputNews::known) continue;
    // What was read now has the line whole.
    if (plan.earlier) header_.inputs[*plan.earlier].seen->last_line.clear();
    PartialInput input{names[i], totals[i], plan.seen};
    input.seen->taken_lines = plan.first_line + totals[i].records;
    header_.inputs.push_back(std::move(input));
  }
  return header_.inputs.size() > before;
}

std::vector<std::size_t> RunState::with_last_line(const std::vector<InputPlan>& plans) const {
  std::vector<bool> continued(header_.inputs.size(), false);
  for (const InputPlan& plan : plans) {
    if (plan.news == InputNews::grown && plan.earlier) continued[*plan.earlier] = true;
  }
  std::vector<std::size_t> inputs;
  for (std::size_t i = 0; i < continued.size(); ++i) {
    if (!continued[i] && !header_.inputs[i].seen->last_line.empty()) inputs.push_back(i);
  }
  return inputs;
}

}  // namespace billing
