// Who would be asked for a model, and why the others would not. Sends nothing.
#include <iostream>

#include <airouter/airouter.h>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: explain CONFIG MODEL\n";
    return 2;
  }
  auto config = airouter::load_config(argv[1]);
  if (!config) {
    std::cerr << config.error().message << "\n";
    return 1;
  }
  auto router = airouter::Router::create(*std::move(config));
  if (!router) {
    std::cerr << router.error().message << "\n";
    return 1;
  }
  const airouter::Plan plan = router->explain(argv[2]);
  for (const airouter::Candidate& candidate : plan.candidates)
    std::cout << candidate.provider << " as " << candidate.model << ": " << 100 * candidate.share
              << " % of first tries\n";
  for (const airouter::Skipped& skipped : plan.skipped)
    std::cout << skipped.provider << " not now: " << airouter::to_string(skipped.reason) << "\n";
  return plan.candidates.empty() ? 1 : 0;
}
