# Writes the numbers that tests/survey/test_oracle.py compares with, and the data that they rest on.
#
#   cd tests/survey/oracle && Rscript oracle.R
#
# Made with R 4.2.2 and the package survey 4.1.1 (Lumley 2004, J. Statistical Software 9(8)). `make test` does not run it.
# Data: apistrat, apiclus1 and apiclus2 of that package, which are samples of Californian schools. The figures are public
# ones of the California Department of Education (Academic Performance Index, 2000). Only the columns used are kept.

suppressMessages(library(survey))
data(api)
digits <- function(x) ifelse(is.na(x), "", format(x, digits = 17, trim = TRUE, scientific = TRUE))
rows <- list()
differences <- list()

columns <- c("stype", "dnum", "snum", "awards", "comp.imp", "sch.wide", "api00", "api.stu", "enroll")
made <- function(data, weight, further = character()) {
  data <- cbind(data[, c(columns, further)], w = weight)
  data$high <- as.numeric(data$api00 > 700)
  data$wide <- as.numeric(data$sch.wide == "Yes")
  data
}
save <- function(data, name) {
  numbers <- sapply(data, is.numeric)
  data[numbers] <- lapply(data[numbers], function(x) ifelse(is.na(x), "", format(x, digits = 17, trim = TRUE)))
  write.csv(data, paste0(name, ".csv"), row.names = FALSE, quote = FALSE)
}

# svyciprop(method = "logit"). Its glm of each replicate ends when the deviance changes by less than 1e-8, which leaves
# errors of that size in the interval: the same lines with 1e-14, which must agree with it to 1e-6.
logit <- function(f, part, df) {
  ends <- attr(svyciprop(f, part, method = "logit", df = df), "ci")
  if (!inherits(part, "svyrep.design")) return(ends)
  sharp <- svyglm(as.formula(paste(all.vars(f), "~ 1")), part, family = quasibinomial, control = glm.control(epsilon = 1e-14, maxit = 100))
  sharper <- as.numeric(plogis(suppressMessages(confint(sharp, 1, method = "Wald", ddf = df))))
  stopifnot(max(abs(sharper / as.numeric(ends) - 1)) < 1e-6)
  sharper
}

# Korn and Graubard's interval, where the effective sample size is at most n: NCHS takes n otherwise, and svyciprop does not
korn_graubard <- function(f, part, p, variance, n, df) {
  size <- p * (1 - p) / variance
  if (size > n || size * (qt(0.975, n - 1) / qt(0.975, df))^2 > n) return(c(NA, NA))
  attr(svyciprop(f, part, method = "beta"), "ci")
}

# one row: an estimate of a domain, its interval and both design effects
estimate <- function(design, name, quantity, tabulation, domain, inside) {
  used <- inside & (if (quantity %in% c("enroll", "ratio")) !is.na(design$variables$enroll) else TRUE)
  part <- subset(design, used)
  df <- degf(part)
  exact <- c(NA, NA)
  if (quantity == "ratio") {
    one <- svyratio(~api.stu, ~enroll, part)
    replicated <- inherits(design, "svyrep.design")
    effects <- if (replicated) c(NA, NA) else
      c(deff(svyratio(~api.stu, ~enroll, part, deff = TRUE)), deff(svyratio(~api.stu, ~enroll, part, deff = "replace")))
    ends <- confint(one, df = df)
  } else {
    f <- as.formula(paste0("~", quantity))
    of <- if (quantity == "enroll") svytotal else svymean
    one <- of(f, part)
    effects <- c(deff(of(f, part, deff = TRUE)), deff(of(f, part, deff = "replace")))
    share <- quantity %in% c("high", "wide")
    # glm does not converge at 0 and 100 %, so that svyciprop has no interval worth comparing with
    replicates <- if (inherits(design, "svyrep.design")) of(f, part, return.replicates = TRUE)$replicates else 0.5
    at_end <- share && any(c(coef(one), replicates) %in% c(0, 1))
    if (share && !at_end && !inherits(design, "svyrep.design")) exact <- korn_graubard(f, part, coef(one), vcov(one), sum(used), df)
    ends <- if (at_end) c(NA, NA) else if (share) logit(f, part, df) else confint(one, df = df)
  }
  rows[[length(rows) + 1]] <<- data.frame(
    design = name, quantity = quantity, tabulation = tabulation, domain = domain, value = digits(as.numeric(coef(one))),
    se = digits(as.numeric(SE(one))), df = df, lower = digits(as.numeric(ends[1])), upper = digits(as.numeric(ends[2])),
    kg_lower = digits(as.numeric(exact[1])), kg_upper = digits(as.numeric(exact[2])),
    deff = digits(as.numeric(effects[1])), deff_replace = digits(as.numeric(effects[2])), n = sum(used)
  )
}

# one row: the second domain less the first
difference <- function(design, name, quantity) {
  known <- if (quantity %in% c("enroll", "ratio")) subset(design, !is.na(enroll)) else design
  by <- if (quantity == "ratio") svyby(~api.stu, ~comp.imp, known, svyratio, denominator = ~enroll, covmat = TRUE) else
    svyby(as.formula(paste0("~", quantity)), ~comp.imp, known, if (quantity == "enroll") svytotal else svymean, covmat = TRUE)
  gap <- svycontrast(by, c(-1, 1))
  differences[[length(differences) + 1]] <<- data.frame(
    design = name, quantity = quantity, first = "No", second = "Yes", value = digits(as.numeric(coef(gap))),
    se = digits(as.numeric(SE(gap)))
  )
}

study <- function(design, name, quantities = c("high", "wide", "api00", "enroll", "ratio")) {
  data <- design$variables
  for (quantity in quantities) {
    estimate(design, name, quantity, "", "", rep(TRUE, nrow(data)))
    for (code in c("No", "Yes")) {
      estimate(design, name, quantity, "comp.imp", code, data$comp.imp == code)
      estimate(design, name, quantity, "awards", code, data$awards == code)
    }
    for (code in c("E", "H", "M")) if (sum(data$stype == code) > 3) estimate(design, name, quantity, "stype", code, data$stype == code)
    difference(design, name, quantity)
  }
}

# --- samples of schools, of districts, and of schools in districts
strat <- made(apistrat, apistrat$pw, "fpc")
save(strat, "apistrat")
study(svydesign(id = ~1, strata = ~stype, weights = ~w, fpc = ~fpc, data = strat), "apistrat")
study(svydesign(id = ~1, strata = ~stype, weights = ~w, data = strat), "apistrat_without_fpc")

clus1 <- made(apiclus1, apiclus1$pw, "fpc")
save(clus1, "apiclus1")
study(svydesign(id = ~dnum, weights = ~w, fpc = ~fpc, data = clus1), "apiclus1")
study(svydesign(id = ~dnum, weights = ~w, data = clus1), "apiclus1_without_fpc")

two <- svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)
clus2 <- made(apiclus2, weights(two), c("fpc1", "fpc2"))
save(clus2, "apiclus2")
study(svydesign(id = ~dnum + snum, weights = ~w, fpc = ~fpc1 + fpc2, data = clus2), "apiclus2")
study(svydesign(id = ~dnum + snum, weights = ~w, data = clus2), "apiclus2_without_fpc")

# --- strata with one unit: the last school of the middle schools alone in a stratum
alone <- strat
alone$stype <- as.character(alone$stype)
alone$part <- ifelse(seq_len(nrow(alone)) == max(which(alone$stype == "M")), "N", alone$stype)
for (option in c("adjust", "certainty")) {
  options(survey.lonely.psu = option)
  study(svydesign(id = ~1, strata = ~part, weights = ~w, data = alone), paste0("alone_", option), c("high", "api00", "enroll"))
}
options(survey.lonely.psu = "fail")

# --- replicate weights: factors of the weight, by sampling unit; 15 strata of two halves are made up for BRR
halves <- strat
halves$stratum <- paste0(halves$stype, halves$dnum %% 5)
halves$psu <- paste0(halves$stratum, halves$snum %% 2)
whole <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = halves)
districts <- svydesign(id = ~dnum, weights = ~w, data = clus1)
set.seed(2026)
replicated <- list(
  brr = as.svrepdesign(whole, type = "BRR", compress = FALSE),
  fay = as.svrepdesign(whole, type = "Fay", fay.rho = 0.3, compress = FALSE),
  jackknifen = as.svrepdesign(whole, type = "JKn", compress = FALSE),
  bootstrap = as.svrepdesign(whole, type = "subbootstrap", replicates = 25, compress = FALSE),
  jackknife1 = as.svrepdesign(districts, type = "JK1", compress = FALSE)
)
types <- c(brr = "BRR", fay = "Fay", jackknifen = "JKn", bootstrap = "bootstrap", jackknife1 = "JK1")
factors <- list()
scales <- list()
freeze <- function(name, type, factor, data, unit, mse, rscales = NULL, scale = NULL, rho = NULL) {
  design <- suppressWarnings(svrepdesign(
    data = data, weights = data$w, repweights = factor, type = type, combined.weights = FALSE, rho = rho,
    rscales = rscales, scale = scale, mse = mse
  ))
  study(design, name)
  first <- !duplicated(data[[unit]])
  factors[[name]] <<- data.frame(
    design = name, unit = data[[unit]][first], factors = apply(factor[first, ], 1, function(x) paste(digits(x), collapse = " "))
  )
  scales[[name]] <<- data.frame(
    design = name, scale = digits(design$scale), rscales = paste(digits(design$rscales), collapse = " "),
    rho = if (is.null(rho)) "" else digits(rho), mse = mse
  )
}
for (name in names(replicated)) {
  one <- replicated[[name]]
  data <- if (name == "jackknife1") clus1 else halves
  unit <- if (name == "jackknife1") "dnum" else "psu"
  rscales <- if (name %in% c("jackknifen", "bootstrap")) one$rscales else NULL
  scale <- if (name %in% c("jackknife1", "bootstrap", "jackknifen")) one$scale else NULL
  freeze(name, types[[name]], as.matrix(one$repweights), data, unit, FALSE, rscales, scale, if (name == "fay") 0.3 else NULL)
}
freeze("jackknifen_mse", "JKn", as.matrix(replicated$jackknifen$repweights), halves, "psu", TRUE, replicated$jackknifen$rscales, 1)
freeze("successive_differences", "successive-difference", as.matrix(replicated$brr$repweights), halves, "psu", TRUE)

write.csv(do.call(rbind, rows), "estimates.csv", row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, differences), "differences.csv", row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, factors), "replicate_factors.csv", row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, scales), "replicate_scales.csv", row.names = FALSE, quote = FALSE)
