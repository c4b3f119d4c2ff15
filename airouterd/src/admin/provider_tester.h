#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <airouter/router.h>

#include "store/test_results.h"

namespace airouterd::admin {

// Asks providers for one token per model, by an engine of its own: neither statistics nor health of the
// serving one learn of it. Thread-safe.
class ProviderTester {
 public:
  explicit ProviderTester(std::shared_ptr<airouter::Transport> transport)
      : transport_(std::move(transport)) {}

  // Which models of a provider to ask for.
  struct Task {
    airouter::Provider provider{};
    std::vector<std::string> models{};
  };

  // A provider's models in turn, several providers at once. Ends early, with what there is, when the client
  // is gone; may block for 30 s per model. Results are recorded. Nothing: as many runs as are allowed are
  // under way.
  std::optional<std::vector<store::TestResult>> run(const std::vector<Task>& tasks,
                                                    airouter::Interrupt& client);

  const store::TestResults& results() const noexcept { return results_; }
  void forget(const std::string& provider) { results_.forget(provider); }
  airouter::Transport& transport() noexcept { return *transport_; }

 private:
  store::TestResult test(const airouter::Provider& provider, const std::string& model,
                         airouter::Interrupt& client) const;

  // Own synchronization.
  const std::shared_ptr<airouter::Transport> transport_;
  store::TestResults results_{};
  std::atomic<int> runs_{0};
};

}  // namespace airouterd::admin
