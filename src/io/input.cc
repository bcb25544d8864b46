#include "io/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/compressed.h"
#include "io/mapping.h"

namespace billing {
namespace {

constexpr const char* kStdinPath = "-";

std::int64_t modified_ns(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

/// What makes two inputs the same one; nothing for devices such as /dev/null.
std::optional<FileIdentity> stream_identity(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || S_ISCHR(status.st_mode)) return std::nullopt;
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

bool is_folder(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/// Empty where the first bytes of a regular file look like text.
std::string compression_complaint(const std::string& name, int fd) {
  char first[kMagicBytes];
  const ssize_t size =
      pread(fd, first, sizeof(first), 0);  // fails on pipes, which are checked later
  return size <= 0 ? "" : describe_compressed(name, {first, static_cast<std::size_t>(size)});
}

}  // namespace

Input::Input(std::string name, UniqueFd fd) : name_(std::move(name)), fd_(std::move(fd)) {
  struct stat status {};
  if (fstat(fd_.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  is_regular_ = true;
  size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  modified_ns_ = modified_ns(status);
}

Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;
Input::~Input() = default;

void Input::map() {
  if (mapping_) return;
  // A regular file of size 0 may be one that the system makes up as it is read (/proc).
  if (!is_regular_ || size_bytes_ == 0 || lseek(fd_.get(), 0, SEEK_CUR) != 0) return;
  auto mapping = std::make_unique<Mapping>(fd_.get(), size_bytes_);
  if (mapping->data() == nullptr) return;
  mapping_ = std::move(mapping);
  end_bytes_ = size_bytes_;
}

std::string_view Input::bytes() const {
  return {mapping_->data() + begin_bytes_, end_bytes_ - begin_bytes_};
}
std::size_t Input::readable_bytes() const { return mapping_->readable_bytes() - begin_bytes_; }

void Input::restrict_to(std::uint64_t begin, std::uint64_t end) {
  begin_bytes_ = begin;
  end_bytes_ = end;
}

void Input::fail(const std::string& what) const {
  std::string message;
  append_escaped(message, name_);
  throw Error(ErrorKind::run, message + ": " + what);
}

bool Input::is_unchanged() const {
  if (!is_regular_) return true;
  struct stat status {};
  const bool same = fstat(fd_.get(), &status) == 0 &&
                    static_cast<std::uint64_t>(status.st_size) == size_bytes_ &&
                    modified_ns(status) == modified_ns_;
  return same && !has_lost_pages();
}

bool Input::has_lost_pages() const { return mapping_ && mapping_->lost_pages(); }

void Input::verify_unchanged() const {
  if (is_unchanged()) return;
  fail("changed while it was read; run again when the file is complete");
}

std::vector<Input> open_inputs(const std::vector<std::string>& paths) {
  std::vector<Input> inputs;
  std::string complaints;
  const auto complain = [&complaints](const std::string& name, std::string_view what) {
    if (!complaints.empty()) complaints += '\n';
    append_escaped(complaints, name);
    complaints += ": ";
    complaints += what;
  };
  std::vector<std::optional<FileIdentity>> identities;
  for (const std::string& path : paths) {
    const std::string name = path == kStdinPath ? std::string(kStdinName) : path;
    UniqueFd fd = open_path(path);
    if (!fd.is_open()) {
      complain(name, std::string(std::strerror(errno)) + "; check the path of the input");
      continue;
    }
    if (is_folder(fd.get())) {
      complain(name, "is a folder; name the files in it, for example with a trailing /*.log");
      continue;
    }
    const auto identity = stream_identity(fd.get());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool both_stdin = name == kStdinName && inputs[i].name() == kStdinName;
      if (both_stdin || (identity && identity == identities[i])) {
        complain(name, "is the same input as " + quoted_text(inputs[i].name()) + "; name it once");
      }
    }
    const std::string compressed = compression_complaint(name, fd.get());
    if (!compressed.empty()) complain(name, compressed);
    inputs.emplace_back(name, std::move(fd));
    identities.push_back(identity);
  }
  if (!complaints.empty()) throw Error(ErrorKind::run, complaints);
  return inputs;
}

std::optional<std::uint64_t> total_size_bytes(std::span<const Input> inputs) {
  std::uint64_t bytes = 0;
  for (const Input& input : inputs) {
    if (!input.size_bytes()) return std::nullopt;
    bytes += input.is_mapped() ? input.bytes().size() : *input.size_bytes();
  }
  return bytes;
}

}  // namespace billing
