#include "billing/price_book.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/money.h"

namespace billing {
namespace {

using RatesByTask = std::map<std::string, Rate, std::less<>>;

constexpr std::size_t kMaxShownTaskBytes = 120;

bool is_task_of_a_record(std::string_view task) { return is_valid_name(task); }

std::string shown(std::string_view task) {
  std::string out;
  append_escaped(out, task, kMaxShownTaskBytes);
  return out;
}

std::string task_mistake(const RateSetting& setting) {
  return setting.source + ": a rate is given for " +
         (setting.task.empty() ? "no task" : "the task " + quoted_text(setting.task)) +
         ", but a task is 1 to 255 bytes of UTF-8 without control characters";
}

std::string decimal_mistake(const RateSetting& setting) {
  return setting.source + ": rate of " + shown(setting.task) + ": " + quoted_text(setting.decimal) +
         " is not a decimal such as 0.005 (up to 15 digits, then up to 12 after the point)";
}

std::string repetition_mistake(const RateSetting& setting, const Rate& first) {
  const bool elsewhere = first.source != setting.source;
  return setting.source + ": " + shown(setting.task) + " is given twice" +
         (elsewhere ? " (before in " + first.source + ")" : "");
}

/// Adds to `others` the rate of all other tasks, where the layer has one.
RatesByTask build_layer(const std::vector<RateSetting>& settings, std::optional<Rate>& others,
                        std::vector<std::string>& mistakes) {
  RatesByTask rates;
  bool has_others = false;
  for (const RateSetting& setting : settings) {
    if (setting.is_of_all_others) {
      const std::optional<Uint128> price = parse_decimal(setting.decimal);
      if (!price) mistakes.push_back(decimal_mistake(setting));
      if (std::exchange(has_others, true)) mistakes.push_back(repetition_mistake(setting, *others));
      others = Rate{setting.task, setting.decimal, setting.source, price.value_or(0)};
      continue;
    }
    if (!is_task_of_a_record(setting.task)) {
      mistakes.push_back(task_mistake(setting));
      continue;
    }
    const std::optional<Uint128> price = parse_decimal(setting.decimal);
    if (!price) mistakes.push_back(decimal_mistake(setting));
    const auto [place, is_new] = rates.try_emplace(
        setting.task, Rate{setting.task, setting.decimal, setting.source, price.value_or(0)});
    if (!is_new) mistakes.push_back(repetition_mistake(setting, place->second));
  }
  return rates;
}

}  // namespace

PriceBook PriceBook::build(const std::vector<std::vector<RateSetting>>& layers,
                           std::vector<std::string>& mistakes) {
  PriceBook book;
  RatesByTask rates;
  for (const std::vector<RateSetting>& settings : layers) {
    RatesByTask layer = build_layer(settings, book.others_, mistakes);
    layer.merge(rates);  // what the layer has already, stays as it is there
    rates = std::move(layer);
  }

  book.rates_.reserve(rates.size());
  for (auto& [task, rate] : rates) book.rates_.push_back(std::move(rate));
  return book;
}

UsageKey PriceBook::usage_key(const GroupBy& shown) const { return {shown.user, shown.cycle}; }

const Rate* PriceBook::find(std::string_view task) const {
  const auto place = std::lower_bound(
      rates_.begin(), rates_.end(), task,
      [](const Rate& rate, std::string_view wanted) { return rate.task < wanted; });
  if (place != rates_.end() && place->task == task) return &*place;
  return others_ ? &*others_ : nullptr;
}

}  // namespace billing
