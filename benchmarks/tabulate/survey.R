# The peer in R: shares by sex and area, each with its standard error, and the gap of each with the covariance of its sides.
suppressPackageStartupMessages(library(survey))
persons <- read.csv(commandArgs(TRUE)[1], colClasses = c("integer", "integer", "numeric", rep("integer", 3)))
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = persons)
for (by in c("sex", "area")) {
  shares <- svyby(~internet, as.formula(paste0("~", by)), design, svymean, covmat = TRUE)
  gap <- svycontrast(shares, c(1, -1))
  cat(by, format(c(coef(shares), SE(shares), coef(gap), SE(gap)), digits = 15), "\n")
}
