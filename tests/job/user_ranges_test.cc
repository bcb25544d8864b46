// Partials of ranges of users: each has its users alone, and together they are the one partial.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "billing/mediate.h"
#include "billing/partials.h"
#include "billing/sums.h"
#include "job/partials_fixture.h"

namespace billing {
namespace {

class UserRangesTest : public PartialsTest {
 protected:
  /// The partials of a piece of the log, a range each.
  Blobs ranges(std::size_t begin, std::size_t end, const std::vector<std::string>& begins,
               const WorkLimits& limits = {}) const {
    PartialMaker maker(options_, limits);
    maker.begin_input(path(), InputPiece{begin, end == log_.size()});
    const std::string_view bytes = std::string_view(log_).substr(begin, end - begin);
    maker.add_records({bytes, bytes.size(), begin == 0}, {}, [](const Reject&) {});
    Blobs blobs(begins.size() + 1);
    maker.finish(begins, [&](std::size_t range, std::string_view more) { blobs[range] += more; });
    return blobs;
  }
};

/// Users in the order of the usage.
class UserList final : public UsageSink {
 public:
  void begin_user(std::string_view user, std::uint64_t) override { users.emplace(user); }
  void add(std::span<const UsageRow> rows) override { count += rows.size(); }

  std::set<std::string> users;
  std::size_t count = 0;
};

UserList users_of(const std::string& blob) {
  const Blobs blobs{blob};
  MergedPartials partial(sources_of(blobs));
  UserList list;
  const UsageSource usage = partial.usage();
  const auto rows = usage.open();
  while (rows->next(list)) {
  }
  return list;
}

TEST_F(UserRangesTest, TogetherTheyAreTheOnePartial) {
  const std::size_t cut = log_.find('\n', log_.size() / 3) + 1;
  for (const char* const policy : {"day", "calls:3"}) {
    options_.cycles.policy = policy;
    for (const GroupBy& group_by : {GroupBy{}, GroupBy{false, true, true}}) {
      options_.group_by = group_by;
      const std::string expected = partial_of_job();
      for (const std::uint64_t memory : {std::uint64_t{1} << 40, std::uint64_t{600'000}}) {
        const WorkLimits limits{1, memory, "."};
        Blobs all = ranges(0, cut, {"user2", "user21", "user3x"}, limits);
        for (std::string& blob : ranges(cut, log_.size(), {"a", "user7"}, limits))
          all.push_back(std::move(blob));
        EXPECT_EQ(merged(all), expected);
      }
    }
  }
}

TEST_F(UserRangesTest, EachHasTheUsersOfItsRange) {
  options_.cycles.policy = "calls:3";
  const std::vector<std::string> begins{"user15", "user2", "user39", "v"};
  const Blobs blobs = ranges(0, log_.size(), begins);
  std::size_t rows = 0;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    const UserList list = users_of(blobs[i]);
    EXPECT_EQ(list.users.empty(), i == 4);
    for (const std::string& user : list.users) {
      EXPECT_TRUE(i == 0 || user >= begins[i - 1]) << user;
      EXPECT_TRUE(i == begins.size() || user < begins[i]) << user;
    }
    rows += list.count;
  }
  EXPECT_EQ(rows, users_of(part(0, log_.size())).count);
}

TEST_F(UserRangesTest, TotalsAddUp) {
  options_.cycles.policy = "day";
  const InputTotals whole = MergedPartials(sources_of({part(0, log_.size())})).totals();
  InputTotals sum;
  const Blobs blobs = ranges(0, log_.size(), {"user2", "user3"});
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    const InputTotals totals = MergedPartials(sources_of({blobs[i]})).totals();
    EXPECT_EQ(totals.bytes > 0, i == 0);
    EXPECT_EQ(totals.blank > 0, i == 0);
    EXPECT_GT(totals.events, 0U);
    sum += totals;
  }
  EXPECT_EQ(sum.bytes, whole.bytes);
  EXPECT_EQ(sum.records, whole.records);
  EXPECT_EQ(sum.accepted, whole.accepted);
  EXPECT_EQ(sum.events, whole.events);
  EXPECT_EQ(sum.blank, whole.blank);
  EXPECT_EQ(sum.accepted_quantity, whole.accepted_quantity);
  EXPECT_EQ(sum.earliest_ns, whole.earliest_ns);
  EXPECT_EQ(sum.latest_ns, whole.latest_ns);
}

TEST_F(UserRangesTest, RecordsWithMeasuresStayWithTheirUsers) {
  RecordFormat format;
  format.name = "json";
  format.family = FormatFamily::json;
  format.mapping = {"t", "u", "=api", "none", ""};
  for (const char* const name : {"a", "b", "c"})
    format.measures.push_back({name, std::string(name)});
  format.quantity = {"unit", 0};
  options_.quantity = format.quantity;
  options_.cycles.policy = "day";
  MediationOptions mediation;
  mediation.format = make_input_format(format);
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    lines += R"({"t":"2025-05-01T00:00:00Z","u":"user)" + std::to_string(i % 7) + R"(","a":)" +
             std::to_string(i) + R"(,"b":)" + std::to_string(i % 3) + ",\"c\":0}\n";
  }
  PartialMaker maker(options_);
  maker.begin_input("log", InputPiece{0, true});
  maker.add_records({lines, lines.size(), true}, mediation, [](const Reject&) {});
  Blobs blobs(3);
  const std::vector<std::string> begins{"user1", "user5"};
  maker.finish(begins, [&](std::size_t range, std::string_view more) { blobs[range] += more; });
  InputTotals sum;
  for (const std::string& blob : blobs) sum += MergedPartials(sources_of({blob})).totals();
  EXPECT_EQ(sum.records, 300U);
  EXPECT_EQ(sum.accepted, 300U);
  EXPECT_EQ(sum.events, 299U + 200U);
}

TEST_F(UserRangesTest, APartialThatIsThereIsCutLikewise) {
  options_.cycles.policy = "calls:3";
  const std::vector<std::string> begins{"user15", "user2"};
  const std::size_t cut = log_.find('\n', log_.size() / 3) + 1;
  const Blobs made{part(0, cut)};
  Blobs blobs(3);
  MergedPartials(sources_of(made)).write(begins, [&](std::size_t range, std::string_view more) {
    blobs[range] += more;
  });
  EXPECT_EQ(blobs, ranges(0, cut, begins));
  const Blobs two{part(0, cut), part(cut, log_.size())};
  EXPECT_THROW(MergedPartials(sources_of(two)).write(begins, [](std::size_t, std::string_view) {}),
               std::invalid_argument);
}

TEST_F(UserRangesTest, MistakesOfTheHostAreTold) {
  EXPECT_THROW(ranges(0, log_.size(), {"b", "a"}), std::invalid_argument);
  EXPECT_THROW(ranges(0, log_.size(), {"a", "a"}), std::invalid_argument);
  EXPECT_THROW(ranges(0, log_.size(), {""}), std::invalid_argument);
  const RangeSink nowhere = [](std::size_t, std::string_view) {};
  PartialMaker none(options_);
  EXPECT_THROW(none.finish({}, nowhere), std::invalid_argument);
  PartialMaker two(options_);
  two.begin_input("a");
  two.begin_input("b");
  EXPECT_THROW(two.finish({}, nowhere), std::invalid_argument);
}

}  // namespace
}  // namespace billing
