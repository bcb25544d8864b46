#include "io/path_glob.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace billing {
namespace {

/// How many bytes the character at the start takes; 1 for what is no UTF-8.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t wanted = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::size_t size = 1;
  while (size < wanted && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80)
    ++size;
  return size == wanted ? size : 1;
}

/// What a part of a glob has taken.
struct Taken {
  std::size_t glob_bytes = 0;
  std::size_t path_bytes = 0;  ///< 0: it does not match
};

/// `[...]` at the start of `glob`; nothing where it is never closed.
std::optional<Taken> take_class(std::string_view glob, std::string_view path) {
  std::size_t at = 1;
  const bool is_negated = at < glob.size() && (glob[at] == '!' || glob[at] == '^');
  if (is_negated) ++at;
  const std::size_t close = glob.find(']', at + 1);  // a ] that comes first is a member
  if (close == std::string_view::npos) return std::nullopt;
  const auto byte = static_cast<unsigned char>(path[0]);
  bool is_member = false;
  while (at < close) {
    const auto low = static_cast<unsigned char>(glob[at]);
    const bool is_range = glob[at + 1] == '-' && at + 2 < close;
    const auto high = is_range ? static_cast<unsigned char>(glob[at + 2]) : low;
    is_member = is_member || (low <= byte && byte <= high);
    at += is_range ? 3 : 1;
  }
  const bool matches = is_member != is_negated && path[0] != '/';
  return Taken{close + 1, !matches ? 0 : is_negated ? character_size(path) : 1};
}

/// What stands at the start of `glob`, and is no star, against the start of `path`; neither is
/// empty.
Taken take_one(std::string_view glob, std::string_view path) {
  if (glob[0] == '?') return {1, path[0] == '/' ? 0 : character_size(path)};
  if (glob[0] == '[') {
    if (const auto taken = take_class(glob, path)) return *taken;
  }
  const std::size_t escape = glob[0] == '\\' && glob.size() > 1 ? 1 : 0;
  return {escape + 1, glob[escape] == path[0] ? std::size_t{1} : 0};
}

/// One walk through glob and path. Where they part, the last `*` takes a byte more, and where it
/// cannot, the last `**`: earlier stars need not be tried again, as all that stands between two
/// stars has been found as early in the path as it can be.
class GlobMatch {
 public:
  GlobMatch(std::string_view glob, std::string_view path) : glob_(glob), path_(path) {}

  bool run() {
    while (glob_at_ < glob_.size() || path_at_ < path_.size()) {
      if (!step() && !go_back()) return false;
    }
    return true;
  }

 private:
  struct Star {
    std::size_t glob_at;  ///< behind it
    std::size_t path_at;  ///< up to which it has taken the path
    bool by_folder = false;
  };

  bool step() {
    const std::string_view glob = glob_.substr(glob_at_);
    if (glob.starts_with("**")) {
      const bool begins_part = glob_at_ == 0 || glob_[glob_at_ - 1] == '/';
      const bool is_part = begins_part && glob.substr(2).starts_with('/');
      glob_at_ += is_part ? 3 : 2;
      any_ = Star{glob_at_, path_at_, is_part};
      star_.reset();
      return true;
    }
    if (glob.starts_with('*')) {
      star_ = Star{++glob_at_, path_at_};
      return true;
    }
    if (glob.empty() || path_at_ == path_.size()) return false;
    const Taken taken = take_one(glob, path_.substr(path_at_));
    glob_at_ += taken.path_bytes > 0 ? taken.glob_bytes : 0;
    path_at_ += taken.path_bytes;
    return taken.path_bytes > 0;
  }

  bool go_back() {
    if (star_ && star_->path_at < path_.size() && path_[star_->path_at] != '/') {
      path_at_ = ++star_->path_at;
      glob_at_ = star_->glob_at;
      return true;
    }
    star_.reset();
    if (!any_ || any_->path_at == path_.size()) return false;
    if (any_->by_folder) {
      const std::size_t slash = path_.find('/', any_->path_at);
      if (slash == std::string_view::npos) return false;
      any_->path_at = slash;
    }
    path_at_ = ++any_->path_at;
    glob_at_ = any_->glob_at;
    return true;
  }

  std::string_view glob_;
  std::string_view path_;
  std::size_t glob_at_ = 0;
  std::size_t path_at_ = 0;
  std::optional<Star> star_;  ///< the last `*` behind the last `**`
  std::optional<Star> any_;   ///< the last `**`
};

bool matches_any(const std::vector<std::string>& globs, std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::any_of(globs.begin(), globs.end(), [&](std::string_view glob) {
    if (glob.starts_with('/')) return matches_glob(glob.substr(1), path);
    return matches_glob(glob, path) ||
           (glob.find('/') == std::string_view::npos && matches_glob(glob, name));
  });
}

}  // namespace

bool matches_glob(std::string_view glob, std::string_view path) {
  return GlobMatch(glob, path).run();
}

bool PathFilter::takes_file(std::string_view path) const {
  return (include_.empty() || matches_any(include_, path)) && !matches_any(exclude_, path);
}

bool PathFilter::enters_folder(std::string_view path) const {
  // With its slash a folder also matches `old/` and `old/**`, which is all that is in it.
  return !matches_any(exclude_, path) && !matches_any(exclude_, std::string(path) + "/");
}

}  // namespace billing
