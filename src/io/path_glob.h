#pragma once

// Globs for paths below a folder (--include, --exclude).

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace billing {

/// `*` any characters but `/`, `?` one such character, `[a-z]` and `[!a-z]` one byte (not) of
/// these,
/// `**` any characters, as a whole part of the path (`a/**/b`) any number of folders, `\` takes the
/// next character as it stands. All else is itself, also a `[` that is never closed. Takes no more
/// steps than the product of both lengths, whatever the glob.
bool matches_glob(std::string_view glob, std::string_view path);

/// Which of the files and folders below a folder are read. Paths are relative to that folder. A
/// glob without `/` is compared with the last part of the path, too; one that begins with `/` only
/// with the whole path.
class PathFilter {
 public:
  PathFilter(std::vector<std::string> include, std::vector<std::string> exclude)
      : include_(std::move(include)), exclude_(std::move(exclude)) {}

  bool takes_file(std::string_view path) const;
  bool enters_folder(std::string_view path) const;

 private:
  std::vector<std::string> include_;
  std::vector<std::string> exclude_;
};

}  // namespace billing
