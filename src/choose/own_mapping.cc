#include "choose/own_mapping.h"

#include <algorithm>
#include <utility>

#include "mapping/selector.h"

namespace billing {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find(separator), text.size());
    pieces.emplace_back(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return pieces;
}

/// Whether the input has all that a selector asks for.
bool has_all(const std::string& selector, SelectorUse use, const HasField& has) {
  FieldList fields;
  parse_selector("format", selector, use, fields);
  return std::all_of(fields.names().begin(), fields.names().end(),
                     [&has](const FieldName& field) { return has(field.name); });
}

/// The first of `a|b` of which the input has all fields, or else the last.
std::string first_that_fits(std::string_view selectors, SelectorUse use, const HasField& has) {
  const std::vector<std::string> all = split(selectors, '|');
  const auto fits = [&](const std::string& one) { return has_all(one, use, has); };
  const auto found = std::find_if(all.begin(), all.end(), fits);
  return found == all.end() ? all.back() : *found;
}

/// A list of names, without those that the input has not; all of it where it has none.
std::string those_there(std::string_view names, const HasField& has) {
  std::string there;
  for (const std::string& name : split(names, ',')) {
    if (!has(name.substr(0, name.find(':')))) continue;
    there += (there.empty() ? "" : ",") + name;
  }
  return there.empty() ? std::string(names) : there;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) { return split(text, ' '); }

std::vector<FieldAlias> aliases_of(const NamedFormat& row) {
  std::vector<FieldAlias> aliases;
  for (const std::string& word : words_of(row.aliases)) {
    const std::size_t sign = word.find('=');
    aliases.push_back({word.substr(0, sign), word.substr(sign + 1)});
  }
  return aliases;
}

void set_own_mapping(FieldMapping& mapping, const NamedFormat& row, const HasField& has) {
  if (!row.time.empty()) mapping.time = row.time;
  if (!row.user.empty())
    mapping.user = row.family == FormatFamily::w3c ? those_there(row.user, has) : row.user;
  if (!row.task.empty()) mapping.task = row.task;
  if (!row.status.empty()) mapping.status = row.status;
  if (!row.quantity.empty())
    mapping.quantity = first_that_fits(row.quantity, SelectorUse::quantity, has);
}

}  // namespace billing
