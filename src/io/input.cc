#include "io/input.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <utility>

#include "base/complaints.h"
#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "io/mapping.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

[[noreturn]] void fail_with(const std::string& name, const std::string& what) {
  std::string message;
  append_escaped(message, name);
  throw Error(ErrorKind::run, message + ": " + what);
}

constexpr const char* kStdinPath = "-";

/// What makes two inputs the same one; nothing for devices such as /dev/null.
std::optional<FileIdentity> stream_identity(const struct stat& status) {
  if (S_ISCHR(status.st_mode)) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

UniqueFd open_path(const std::string& path) {
  // A duplicate, so that closing the input leaves standard input alone.
  if (path == kStdinPath) return UniqueFd(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  // A named pipe is opened without waiting for its writer: the wait is for reading, which a signal
  // can end.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.is_open()) fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK);
  return fd;
}

/// The first bytes of a file, from where it stands; empty for a pipe, which is looked at when it is
/// read.
std::string first_bytes_of(const UniqueFd& fd) {
  const off_t at = lseek(fd.get(), 0, SEEK_CUR);
  std::string bytes(kFirstBytes, '\0');
  const ssize_t size = at < 0 ? -1 : pread(fd.get(), bytes.data(), bytes.size(), at);
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

/// Opens inputs one by one and notes what is wrong with them.
class InputOpener {
 public:
  InputOpener(InputNeed need, bool stay_open) : need_(need), stay_open_(stay_open) {}

  /// False where it makes no sense to go on.
  bool open(const std::string& path) {
    const std::string name = path == kStdinPath ? std::string(kStdinName) : path;
    UniqueFd fd = open_path(path);
    struct stat status {};
    if (!fd.is_open() || fstat(fd.get(), &status) != 0) {
      const int reason = errno;
      complain(name, describe_open_failure(reason, "input"));
      return !is_out_of_descriptors(reason);
    }
    if (S_ISDIR(status.st_mode)) {
      complain(name, "is a folder; name the files in it, for example with a trailing /*.log");
      return true;
    }
    check_not_named_before(name, status);
    const std::string first_bytes = first_bytes_of(fd);
    const std::string other = describe_first_bytes(name, first_bytes, need_);
    // What must be a file and is none is refused for that, by whoever wants files.
    const bool is_judged = need_ == InputNeed::stream || S_ISREG(status.st_mode);
    if (!other.empty() && is_judged) complain(name, other);
    // A regular file of size 0 may be one that the system makes up as it is read (/proc).
    const bool is_file = S_ISREG(status.st_mode) && (status.st_size > 0 || first_bytes.empty());
    inputs_.push_back(is_file && !stay_open_ && path != kStdinPath
                          ? Input::at_path(path, std::move(fd))
                          : Input(name, std::move(fd)));
    inputs_.back().set_compression(compression_of(first_bytes));
    return true;
  }

  /// Throws Error(run) where anything was wrong.
  std::vector<Input> take() {
    if (!complaints_.empty()) throw Error(ErrorKind::run, complaints_.text());
    return std::move(inputs_);
  }

 private:
  void check_not_named_before(const std::string& name, const struct stat& status) {
    const auto say = [&](const std::string& earlier) {
      complain(name, "is the same input as " + quoted_text(earlier) + "; name it once");
    };
    if (name == kStdinName && std::exchange(has_stdin_, true)) return say(name);
    const auto identity = stream_identity(status);
    if (!identity) return;
    const auto [earlier, is_new] = names_.emplace(*identity, name);
    if (!is_new) say(earlier->second);
  }

  void complain(const std::string& name, const std::string& what) {
    std::string line;
    append_escaped(line, name);
    complaints_.add(line + ": " + what);
  }

  InputNeed need_;
  bool stay_open_;
  std::vector<Input> inputs_;
  std::map<FileIdentity, std::string> names_;
  bool has_stdin_ = false;
  Complaints complaints_;
};

}  // namespace

Input::Input(std::string name, UniqueFd fd) : name_(std::move(name)), fd_(std::move(fd)) {
  struct stat status {};
  if (fstat(fd_.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  identity_ = FileIdentity{status.st_dev, status.st_ino};
  size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  modified_ = status.st_mtim;
  end_bytes_ = size_bytes_;
}

Input Input::at_path(const std::string& path, UniqueFd fd) {
  Input input(path, std::move(fd));
  input.path_ = path;
  input.fd_.close();
  return input;
}

Input Input::once_more() const {
  UniqueFd another(path_.empty() ? fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0) : -1);
  if (path_.empty() && !another.is_open()) fail(describe_open_failure(errno, "input"));
  Input other(name_, std::move(another));
  other.path_ = path_;
  other.identity_ = identity_;
  other.size_bytes_ = size_bytes_;
  other.end_bytes_ = size_bytes_;
  other.modified_ = modified_;
  other.has_changed_ = has_changed_;
  other.compression_ = compression_;
  other.max_window_bytes_ = max_window_bytes_;
  other.max_text_bytes_ = max_text_bytes_;
  return other;
}

Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;
Input::~Input() = default;

int Input::fd() const {
  if (fd_.is_open()) return fd_.get();
  UniqueFd fd = open_path(path_);
  struct stat status {};
  if (!fd.is_open() && errno != ENOENT) fail(describe_open_failure(errno, "input"));
  if (!fd.is_open() || fstat(fd.get(), &status) != 0 || !is_same_file(status)) fail_as_changed();
  has_changed_ = has_changed_ || !is_as_before(status);
  fd_ = std::move(fd);
  return fd_.get();
}

void Input::close() const {
  if (path_.empty() || !fd_.is_open()) return;
  struct stat status {};
  has_changed_ = has_changed_ || fstat(fd_.get(), &status) != 0 || !is_as_before(status);
  fd_.close();
}

void Input::map() {
  // What the system makes up as it is read has no size.
  if (mapping_ || !identity_ || size_bytes_ == 0 || compression_ != Compression::none) return;
  if (lseek(fd(), 0, SEEK_CUR) != 0) return;
  auto mapping = std::make_unique<Mapping>(fd(), size_bytes_);
  close();
  if (mapping->data() == nullptr) return;
  mapping_ = std::move(mapping);
}

void Input::unmap() {
  has_lost_pages_ = has_lost_pages();
  mapping_.reset();
}

std::string_view Input::bytes() const {
  return {mapping_->data() + begin_bytes_, end_bytes_ - begin_bytes_};
}
std::string_view Input::bytes_before() const { return {mapping_->data(), begin_bytes_}; }
std::size_t Input::readable_bytes() const { return mapping_->readable_bytes() - begin_bytes_; }

void Input::restrict_to(std::uint64_t begin, std::uint64_t end) {
  is_part_ = true;
  begin_bytes_ = begin;
  end_bytes_ = end;
}

void Input::set_max_text_bytes(std::uint64_t bytes) {
  max_text_bytes_ = bytes;
  if (counted_bytes().value_or(0) > bytes) fail_as_too_large();
}

void Input::fail_as_too_large() const { billing::fail_as_too_large(name_, *max_text_bytes_); }

std::optional<std::uint64_t> Input::size_bytes() const {
  return identity_ ? std::optional(size_bytes_) : std::nullopt;
}

std::optional<std::uint64_t> Input::counted_bytes() const {
  const bool is_known = identity_ && compression_ == Compression::none;
  return is_known ? std::optional(end_bytes_ - begin_bytes_) : std::nullopt;
}

void Input::fail(const std::string& what) const { fail_with(name_, what); }

void fail_as_too_large(const std::string& name, std::uint64_t max_bytes) {
  fail_with(name, "holds more than " + grouped(max_bytes) +
                      " bytes of text, the limit of \1max-input-bytes; nothing was billed");
}

bool Input::is_same_file(const struct stat& status) const {
  return identity_ == FileIdentity{status.st_dev, status.st_ino};
}

bool Input::is_as_before(const struct stat& status) const {
  return is_same_file(status) && static_cast<std::uint64_t>(status.st_size) == size_bytes_ &&
         status.st_mtim.tv_sec == modified_.tv_sec && status.st_mtim.tv_nsec == modified_.tv_nsec;
}

bool Input::is_unchanged() const {
  if (!identity_) return true;
  if (has_changed_ || has_lost_pages()) return false;
  struct stat status {};
  if (fd_.is_open()) return fstat(fd_.get(), &status) == 0 && is_as_before(status);
  const bool is_there = stat(path_.c_str(), &status) == 0 && is_same_file(status);
  return !is_there || is_as_before(status);
}

bool Input::has_lost_pages() const {
  return has_lost_pages_ || (mapping_ && mapping_->lost_pages());
}

void Input::verify_unchanged() const {
  if (!is_unchanged()) fail_as_changed();
}

void Input::fail_as_changed() const {
  fail("changed while it was read; run again when the file is complete");
}

std::size_t max_open_inputs() {
  rlimit files{};
  return getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur / 4 : 0;
}

std::vector<Input> open_inputs(const std::vector<std::string>& paths, InputNeed need,
                               std::size_t max_open) {
  InputOpener opener(need, /*stay_open=*/paths.size() <= max_open);
  for (const std::string& path : paths) {
    if (!opener.open(path)) break;
  }
  return opener.take();
}

bool reads_streams(const std::vector<std::string>& paths) {
  return std::any_of(paths.begin(), paths.end(), [](const std::string& path) {
    struct stat status {};
    const bool known =
        path == kStdinPath ? fstat(STDIN_FILENO, &status) == 0 : ::stat(path.c_str(), &status) == 0;
    // A named pipe must not be opened here: closing it again would end its writer.
    return !known || !S_ISREG(status.st_mode) ||
           compression_of(first_bytes_of(open_path(path))) != Compression::none;
  });
}

std::optional<std::uint64_t> total_size_bytes(std::span<const Input> inputs) {
  std::uint64_t bytes = 0;
  for (const Input& input : inputs) {
    if (!input.counted_bytes()) return std::nullopt;
    bytes += *input.counted_bytes();
  }
  return bytes;
}

}  // namespace billing
