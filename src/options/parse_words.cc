#include "options/parse_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/closest_word.h"
#include "base/escape_text.h"

namespace billing {
namespace {

std::string name_of(const OptionRow& row) { return "--" + std::string(row.long_name()); }

/// Whether a value fits in beside those that the target holds already.
bool takes_many(const Target& target) {
  return std::holds_alternative<std::vector<std::string>*>(target) ||
         std::holds_alternative<bool*>(target) || std::holds_alternative<std::monostate>(target);
}

void put(const Target& target, const std::string& text) {
  if (auto* const flag = std::get_if<bool*>(&target)) **flag = true;
  if (auto* const value = std::get_if<std::string*>(&target)) **value = text;
  if (auto* const value = std::get_if<std::optional<std::string>*>(&target)) **value = text;
  if (auto* const list = std::get_if<std::vector<std::string>*>(&target)) (*list)->push_back(text);
}

/// One pass over the words of one command.
class WordParser {
 public:
  WordParser(const std::string& command, const CommandOptions& options,
             const std::vector<std::string>& words, Mistakes& mistakes)
      : command_(command),
        options_(options),
        words_(words),
        mistakes_(mistakes),
        given_(options.options.size()) {}

  Request parse() {
    read();
    mistakes_.add_all(std::move(found_));
    return request_;
  }

 private:
  void read() {
    bool only_operands = false;
    for (; next_ < words_.size();) {
      const std::string& word = words_[next_++];
      if (only_operands || word == "-" || !word.starts_with('-')) {
        take_operand(word);
      } else if (word == "--") {
        only_operands = true;
      } else if (word.starts_with("--")) {
        take_long(word);
      } else {
        take_short(word);
      }
    }
  }

  void take_operand(const std::string& word) {
    const bool fits =
        options_.operands && (operand_count_ == 0 || takes_many(options_.operands->target));
    if (!fits) return report("unexpected argument", word);
    ++operand_count_;
    put(options_.operands->target, word);
  }

  void take_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const OptionRow* const row = find_long(std::string_view(word).substr(2, equals - 2));
    if (row == nullptr) return report_unknown(word.substr(0, equals));
    if (equals == std::string::npos) return take_next(*row);
    if (row->value.empty()) {
      return found_.push_back(fmt::format("{}: takes no value, but {} was given; see {} --help",
                                          name_of(*row), quoted_text(word.substr(equals + 1)),
                                          command_));
    }
    set(*row, word.substr(equals + 1));
  }

  /// `-q`, `-qo FILE`, `-oFILE`.
  void take_short(const std::string& word) {
    if (find_long(std::string_view(word).substr(1, word.find('=') - 1)) != nullptr) {
      return report_unknown(word.substr(0, word.find('=')));  // `-output`: a dash is missing
    }
    for (std::size_t at = 1; at < word.size(); ++at) {
      const OptionRow* const row = find_short(word[at]);
      if (row == nullptr) return report_unknown("-" + word.substr(at, 1));
      if (!row->value.empty() && at + 1 < word.size()) return set(*row, word.substr(at + 1));
      take_next(*row);
    }
  }

  /// A flag, or an option whose value is the next word.
  void take_next(const OptionRow& row) {
    if (row.value.empty()) return set(row, "");
    if (next_ == words_.size() || is_option(words_[next_])) {
      return found_.push_back(fmt::format("{}: its value is missing; say {} {}, or see {} --help",
                                          name_of(row), name_of(row), row.value, command_));
    }
    set(row, words_[next_++]);
  }

  /// A word that is no value: `--`, or an option of this command. `--name=-o` gives it as one.
  bool is_option(std::string_view word) const {
    if (word == "--") return true;
    if (word.starts_with("--")) return find_long(word.substr(2, word.find('=') - 2)) != nullptr;
    return word.size() > 1 && word.front() == '-' && find_short(word[1]) != nullptr;
  }

  void set(const OptionRow& row, const std::string& text) {
    if (row.long_name() == "help") request_ = Request::help;
    if (row.long_name() == "version" && request_ == Request::run) request_ = Request::version;
    std::optional<std::string>& before =
        given_[static_cast<std::size_t>(&row - options_.options.data())];
    if (before && !takes_many(row.target)) {
      return found_.push_back(fmt::format("{}: is given twice, as {} and as {}; give it once",
                                          name_of(row), quoted_text(*before), quoted_text(text)));
    }
    before = text;
    put(row.target, text);
  }

  template <typename Predicate>
  const OptionRow* find(Predicate is_wanted) const {
    const auto row = std::find_if(options_.options.begin(), options_.options.end(), is_wanted);
    return row == options_.options.end() ? nullptr : &*row;
  }
  const OptionRow* find_long(std::string_view name) const {
    return find([name](const OptionRow& row) { return row.long_name() == name; });
  }
  const OptionRow* find_short(char letter) const {
    return find([letter](const OptionRow& row) { return row.short_name() == letter; });
  }

  void report_unknown(const std::string& word) {
    std::vector<std::string> names;
    names.reserve(options_.options.size());
    for (const OptionRow& row : options_.options) names.push_back(name_of(row));
    const std::vector<std::string_view> words(names.begin(), names.end());
    const std::string closest = word.size() > 2 ? did_you_mean(word, words) : "";
    found_.push_back(fmt::format("unknown option {}{} {} --help", quoted_text(word),
                                 closest.empty() ? "; see" : closest + " See", command_));
  }

  void report(const char* what, const std::string& word) {
    found_.push_back(fmt::format("{} {}; see {} --help", what, quoted_text(word), command_));
  }

  const std::string& command_;
  const CommandOptions& options_;
  const std::vector<std::string>& words_;
  Mistakes& mistakes_;
  std::vector<std::string> found_;  // mistakes in the words
  std::size_t next_ = 0;            // in words_
  std::size_t operand_count_ = 0;
  std::vector<std::optional<std::string>> given_;  // by option
  Request request_ = Request::run;
};

}  // namespace

Request parse_words(const std::string& command, const CommandOptions& options,
                    const std::vector<std::string>& words, Mistakes& mistakes) {
  return WordParser(command, options, words, mistakes).parse();
}

}  // namespace billing
